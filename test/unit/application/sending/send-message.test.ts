import { expect } from 'chai';
import { InMemoryLedger } from '../../../support/memory/in-memory-ledger.js';
import { JsonRecordCodec } from '../../../../src/adapters/codec/json-record-codec.js';
import { DependencyUnavailable, SendFailed } from '../../../../src/application/errors.js';
import type { Archive } from '../../../../src/application/ports/archive.js';
import {
  IdempotencyKeyReused,
  IdempotencyKeys,
} from '../../../../src/application/sending/send-idempotency.js';
import { SendMessage, type SendRequest } from '../../../../src/application/sending/send-message.js';
import type { Message } from '../../../../src/domain/message.js';
import { InvalidMessage, type RawMessage } from '../../../../src/domain/message-rules.js';
import { aDeadLetter, aDelivery, identities } from '../../../support/builders.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { countingIds, RecordingSender, RecordingTelemetry } from '../../../support/recorders.js';

const content = { from: 'clientA', to: 'clientB', message: 'hello' };

describe('Sending a message', () => {
  let clock: FakeClock;
  let log: RecordingSender;
  let telemetry: RecordingTelemetry;
  let ledger: InMemoryLedger;
  let find: Archive['find'];
  let refused: RawMessage[];
  let sender: SendMessage;

  beforeEach(() => {
    clock = new FakeClock();
    log = new RecordingSender();
    telemetry = new RecordingTelemetry();
    ledger = new InMemoryLedger(clock, identities);
    find = (id) => ledger.find(id);
    refused = [];
    const invalidSends = {
      record: (raw: RawMessage) => {
        refused.push(raw);
        return Promise.resolve();
      },
    };
    const keys = new IdempotencyKeys({ find: (id) => find(id) }, identities, clock);
    const codec = new JsonRecordCodec(identities, 100);
    sender = new SendMessage(100, log, codec, countingIds, keys, invalidSends, clock, telemetry.telemetry);
  });

  const failureOf = (request: SendRequest): Promise<unknown> =>
    sender.send(request).then(
      () => undefined,
      (error: unknown) => error,
    );

  it('appends the sanitized message to the log, and counts it', async () => {
    const message = await sender.send({ content: { ...content, message: ' hello\u0000 ' } });
    expect(message).to.deep.equal({ ...content, id: message.id, sentAt: clock.now() });
    const [record] = log.sent;
    expect(JSON.parse(String(record?.value))).to.include({ ...content, id: message.id });
    expect(telemetry.accepted).to.equal(1);
  });

  it('encodes no record while the log would reject it', async () => {
    log.rejection = new SendFailed('not-sent', new Error('full'));
    expect(sender.rejection).to.equal(log.rejection);
    expect(await failureOf({ content })).to.equal(log.rejection);
    expect([log.sent.length, telemetry.accepted]).to.deep.equal([0, 0]);
    expect(await failureOf({ content: { ...content, message: '' } })).to.be.instanceOf(InvalidMessage);
  });

  it('passes the trace on', async () => {
    await sender.send({ content, traceparent: '00-trace' });
    expect(log.sent[0]?.headers).to.include({ traceparent: '00-trace' });
  });

  it("rejects with the log's error, and counts nothing", async () => {
    log.respond = () => Promise.reject(new SendFailed('unknown', new Error('down')));
    expect(await failureOf({ content })).to.be.instanceOf(SendFailed);
    expect(telemetry.accepted).to.equal(0);
  });

  it('publishes nothing that breaks the rules, and records it', async () => {
    const error = await failureOf({ content: { ...content, message: '' } });
    expect(error).to.be.instanceOf(InvalidMessage);
    expect((error as InvalidMessage).reason).to.equal(
      'Message validation failed: message: Path `message` is required.',
    );
    expect(log.sent).to.deep.equal([]);
    expect(refused).to.deep.equal([{ ...content, message: '' }]);
  });

  describe('with an idempotency key', () => {
    const request = { content, idempotencyKey: 'order-7' };

    async function store(message: Message): Promise<void> {
      await ledger.settle([aDelivery(message)]);
    }

    it('has the same id each time, in the log too', async () => {
      const [first, again] = [await sender.send(request), await sender.send(request)];
      expect(again.id).to.equal(first.id);
      expect(log.sent.map((record) => record.headers['postrider.message-id'])).to.deep.equal([
        first.id,
        first.id,
      ]);
    });

    it('has a different id for each sender and each key', async () => {
      const requests = [request, { ...request, idempotencyKey: 'order-8' }];
      const otherSender = { ...request, content: { ...content, from: 'clientC' } };
      const ids = [];
      for (const each of [...requests, otherSender]) ids.push((await sender.send(each)).id);
      expect(new Set(ids)).to.have.property('size', 3);
    });

    it('resolves with the stored message, without another record', async () => {
      const first = await sender.send(request);
      await store(first);
      expect((await sender.send(request)).id).to.equal(first.id);
      expect(log.sent).to.have.lengthOf(1);
    });

    it('resolves with the original time if the message failed', async () => {
      const first = await sender.send(request);
      await ledger.settle([aDeadLetter(first)]);
      await clock.advance(60_000);
      expect(await sender.send(request)).to.deep.equal(first);
    });

    it('is rejected if it is known to belong to other content', async () => {
      await store(await sender.send(request));
      const error = await failureOf({ ...request, content: { ...content, message: 'other' } });
      expect(error)
        .to.be.instanceOf(IdempotencyKeyReused)
        .and.to.have.property('code', 'idempotency-key-reused');
      expect(log.sent).to.have.lengthOf(1);
    });

    it('continues if the store does not answer within 200 ms', async () => {
      find = () => new Promise(() => undefined);
      const sending = sender.send(request);
      await clock.advance(199);
      expect(log.sent).to.have.lengthOf(0);
      await clock.advance(1);
      await sending;
      expect(log.sent).to.have.lengthOf(1);
    });

    it('continues if the store is down', async () => {
      find = () => Promise.reject(new DependencyUnavailable('store', new Error('down')));
      await sender.send(request);
      expect(log.sent).to.have.lengthOf(1);
      expect(clock.pendingTimers).to.equal(0);
    });

    it('is not used up by an invalid send', async () => {
      await failureOf({ ...request, content: { ...content, message: '' } });
      const message = await sender.send(request);
      expect(message.id).to.equal(identities.ofIdempotencyKey('clientA', 'order-7'));
    });
  });

  describe('in a batch', () => {
    const textsSent = (): string[] =>
      log.sent.map(({ value }) => (JSON.parse(String(value)) as Message).message);
    const aSend = (message: string, idempotencyKey?: string): SendRequest => ({
      content: { ...content, message },
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });

    it('returns one result per message, in order, whether or not others are invalid', async () => {
      const results = await sender.sendAll([aSend('one'), aSend(''), aSend('three')]);
      expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
      expect((results[1] as PromiseRejectedResult).reason).to.be.instanceOf(InvalidMessage);
      expect(refused).to.deep.equal([aSend('').content]);
      expect(textsSent()).to.deep.equal(['one', 'three']);
      expect(telemetry.accepted).to.equal(2);
    });

    it('keeps the order of the batch, even if a key is looked up first', async () => {
      let answer: () => void = () => undefined;
      find = () => new Promise((resolve) => (answer = () => resolve(undefined)));
      const sending = sender.sendAll([aSend('one'), aSend('two', 'key'), aSend('three')]);
      await clock.advance(1);
      expect(log.sent).to.deep.equal([]);
      answer();
      await sending;
      expect(textsSent()).to.deep.equal(['one', 'two', 'three']);
    });

    it('resolves a known key without sending the message again', async () => {
      const [first] = await sender.sendAll([aSend('one', 'key')]);
      const { id } = (first as PromiseFulfilledResult<Message>).value;
      await ledger.settle([aDelivery({ ...content, message: 'one', id })]);
      const results = await sender.sendAll([aSend('one', 'key'), aSend('other', 'key')]);
      expect((results[0] as PromiseFulfilledResult<Message>).value.id).to.equal(id);
      expect((results[1] as PromiseRejectedResult).reason).to.be.instanceOf(IdempotencyKeyReused);
      expect(textsSent()).to.deep.equal(['one']);
    });

    it("returns the log's result for each message", async () => {
      const outcomes = [Promise.resolve(), Promise.reject(new SendFailed('not-sent', new Error('full')))];
      log.respond = () => outcomes.shift() ?? Promise.resolve();
      const results = await sender.sendAll([aSend('one'), aSend('two'), aSend('three')]);
      expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    });
  });
});
