import { expect } from 'chai';
import fc from 'fast-check';
import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import {
  newProduceRequest,
  fastProduceRequest,
  type ProduceRequest,
} from '../../../../../src/adapters/kafka/kafkajs-patches/produce-requests.js';

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }).map((given) => Buffer.from(given)));
const text = fc.string({ unit: 'binary', maxLength: 80 });
const headers = fc.dictionary(text, text, { maxKeys: 4 });
const messages = fc.array(fc.record({ key: bytes, value: bytes, headers }), { minLength: 1, maxLength: 150 });
const partition = fc.nat({ max: 2 ** 31 - 1 });
const partitions = fc.array(fc.record({ partition, messages }), { maxLength: 3 });
const requests = fc.record({
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.nat({ max: 60_000 }),
  topicData: fc.array(fc.record({ topic: text, partitions }), { maxLength: 2 }),
});

describe('Produce requests', () => {
  let clock: SinonFakeTimers;

  // The time is part of the request.
  beforeEach(() => (clock = useFakeTimers({ now: 1_770_000_000_123, toFake: ['Date'] })));
  afterEach(() => {
    clock.restore();
  });

  it('are byte for byte the same as those of kafkajs', async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.date({ min: new Date(0), noInvalidDate: true }), async (request, now) => {
        clock.setSystemTime(now);
        const theirs = await newProduceRequest(request).encode();
        const ours = await fastProduceRequest(request).encode();
        expect(ours.buffer.equals(theirs.buffer)).to.equal(true);
      }),
      { numRuns: 300 },
    );
  });

  it('are the same for a value of a megabyte', async () => {
    const large = { key: Buffer.from('k'), value: Buffer.alloc(1_048_576, 7), headers: {} };
    const request = topicOf(large, large);
    const theirs = await newProduceRequest(request).encode();
    const ours = await fastProduceRequest(request).encode();
    expect(ours.buffer.equals(theirs.buffer)).to.equal(true);
  });

  const message = { key: Buffer.from('k'), value: Buffer.from('v'), headers: {} };
  const others: Record<string, ProduceRequest> = {
    'in a transaction': { ...topicOf(message), transactionalId: 'mine' },
    'of an idempotent producer': { ...topicOf(message), producerId: { toString: () => '17' } },
    'with compression': { ...topicOf(message), compression: 1 },
    'with its own timestamp': topicOf({ ...message, timestamp: '5' }),
    'of text': topicOf({ ...message, value: 'text' }),
    'with bytes in a header': topicOf({ ...message, headers: { name: Buffer.from('value') } }),
  };
  for (const [what, request] of Object.entries(others)) {
    it(`are left to kafkajs ${what}`, () => {
      const theirs = newProduceRequest(request);
      const ours = fastProduceRequest(request);
      expect(ours.encode.toString()).to.equal(theirs.encode.toString());
      expect(fastProduceRequest(topicOf(message)).encode.toString()).not.to.equal(theirs.encode.toString());
    });
  }
});

/** Returns a request with the given records, which may be any that a caller of kafkajs might send. */
function topicOf(...given: readonly object[]): ProduceRequest {
  const topicData = [{ topic: 't', partitions: [{ partition: 3, messages: given }] }];
  return { acks: -1, timeout: 5, topicData } as unknown as ProduceRequest;
}
