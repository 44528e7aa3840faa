import { expect } from 'chai';
import { JsonRecordCodec } from '../../../../src/adapters/codec/json-record-codec.js';
import { SendFailed } from '../../../../src/application/errors.js';
import {
  IdempotencyKeyReused,
  IdempotencyKeys,
} from '../../../../src/application/sending/send-idempotency.js';
import { SendMessage, type SendRequest } from '../../../../src/application/sending/send-message.js';
import { identities } from '../../../support/builders.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { countingIds, RecordingSender, RecordingTelemetry } from '../../../support/recorders.js';

const content = { from: 'clientA', to: 'clientB', message: 'hello' };
const request = { content, idempotencyKey: 'order-7' };
const other = { ...request, content: { ...content, message: 'other' } };

describe('An idempotency key that a send of the same process is using', () => {
  let clock: FakeClock;
  let log: RecordingSender;
  let sender: SendMessage;
  let answer: (error?: Error) => void;

  beforeEach(() => {
    clock = new FakeClock();
    log = new RecordingSender();
    log.respond = () =>
      new Promise((resolve, reject) => {
        answer = (error) => {
          if (error) reject(error);
          else resolve();
        };
      });
    const keys = new IdempotencyKeys({ find: () => Promise.resolve(undefined) }, identities, clock);
    const codec = new JsonRecordCodec(identities, 100);
    const invalidSends = { record: () => Promise.resolve() };
    const { telemetry } = new RecordingTelemetry();
    sender = new SendMessage(100, log, codec, countingIds, keys, invalidSends, clock, telemetry);
  });

  const failureOf = (send: SendRequest): Promise<unknown> =>
    sender.send(send).then(
      () => undefined,
      (error: unknown) => error,
    );

  it('rejects other content, which never reaches the log', async () => {
    const sending = sender.send(request);
    const error = await failureOf(other);
    expect(error).to.be.instanceOf(IdempotencyKeyReused).and.to.have.property('by', 'in-flight');
    answer();
    await sending;
    expect(log.sent).to.have.lengthOf(1);
  });

  it('sends the same content again', async () => {
    const sending = [sender.send(request), sender.send(request)];
    await clock.advance(0);
    expect(log.sent).to.have.lengthOf(2);
    const first = identities.ofIdempotencyKey('clientA', 'order-7');
    answer();
    expect((await Promise.any(sending)).id).to.equal(first);
    expect(await failureOf(other)).to.be.instanceOf(IdempotencyKeyReused);
  });

  for (const outcome of ['not-sent', 'unknown'] as const) {
    it(`is free again when the outcome is ${outcome}`, async () => {
      const sending = failureOf(request);
      await clock.advance(0);
      answer(new SendFailed(outcome, new Error('down')));
      await sending;
      log.respond = () => Promise.resolve();
      expect(await sender.send(other)).to.include({ message: 'other' });
    });
  }

  it('is free for another sender', async () => {
    const sending = sender.send(request);
    await clock.advance(0);
    const release = answer;
    log.respond = () => Promise.resolve();
    await sender.send({ ...other, content: { ...other.content, from: 'clientC' } });
    release();
    await sending;
    expect(log.sent).to.have.lengthOf(2);
  });

  it('rejects an item whose key another item of the batch has for other content', async () => {
    log.respond = () => Promise.resolve();
    const results = await sender.sendAll([request, other, request]);
    expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    expect((results[1] as PromiseRejectedResult).reason).to.be.instanceOf(IdempotencyKeyReused);
    expect(log.sent).to.have.lengthOf(2);
  });
});
