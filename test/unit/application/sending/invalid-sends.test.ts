import { expect } from 'chai';
import { JsonRecordCodec } from '../../../../src/adapters/codec/json-record-codec.js';
import { SendFailed } from '../../../../src/application/errors.js';
import { InvalidSends } from '../../../../src/application/sending/invalid-sends.js';
import type { DeadLetter } from '../../../../src/domain/failures/failed-message.js';
import { checkMessage, InvalidMessage, type RawMessage } from '../../../../src/domain/message-rules.js';
import { identities } from '../../../support/builders.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { countingIds, RecordingSender, RecordingTelemetry } from '../../../support/recorders.js';

const MAX_LENGTH = 10;
const codec = new JsonRecordCodec(identities, MAX_LENGTH);

describe('Recording invalid sends', () => {
  let clock: FakeClock;
  let log: RecordingSender;
  let telemetry: RecordingTelemetry;

  beforeEach(() => {
    clock = new FakeClock();
    log = new RecordingSender();
    telemetry = new RecordingTelemetry();
  });

  function invalidSendsAt(recordsPerSecond: number): InvalidSends {
    const settings = { messageMaxLength: MAX_LENGTH, recordsPerSecond };
    return new InvalidSends(settings, log, codec, countingIds, identities, clock, telemetry.telemetry);
  }

  async function record(raw: RawMessage, invalidSends = invalidSendsAt(20)): Promise<void> {
    try {
      checkMessage(raw, MAX_LENGTH);
    } catch (error) {
      if (error instanceof InvalidMessage) return invalidSends.record(raw, error);
    }
    throw new Error('the rules admit it');
  }

  function recorded(): DeadLetter[] {
    const at = { topic: 'dlq', partition: 0, timestamp: 0 };
    return log.sent.map((record, offset) => codec.decodeDeadLetter({ ...record, ...at, offset }));
  }

  it('writes a dead letter that says what was invalid and why', async () => {
    await record({ from: 'clientA', to: 'clientB' });
    const [letter] = recorded();
    expect(letter).to.deep.include({
      ...{ from: 'clientA', to: 'clientB', message: '', disposition: 'refused', code: 'invalid-message' },
      reason: 'Message validation failed: message: Path `message` is required.',
      ...{ attempts: 0, replays: 0, truncated: false, sentAt: clock.now(), failedAt: clock.now() },
      content: identities.contentOf({ from: 'clientA', to: 'clientB', message: '' }),
    });
    expect(letter).to.not.have.any.keys('origin', 'encoding', 'conflictsWith');
    expect(telemetry.invalid).to.deep.equal([true]);
  });

  it('shows members as text, truncated to the limits, and names the altered ones', async () => {
    await record({ from: 7, to: 'b'.repeat(200), message: '😀'.repeat(11) });
    await record({ from: null, to: { name: 'b' }, message: [1] });
    await record({ from: 'clientA', to: 'a b', message: 'hello' });
    const texts = recorded().map(({ from, to, message, altered }) => ({ from, to, message, altered }));
    expect(texts).to.deep.equal([
      { from: '7', to: 'b'.repeat(128), message: '😀'.repeat(10), altered: ['from', 'to', 'message'] },
      { from: '', to: '{"name":"b"}', message: '[1]', altered: ['to', 'message'] },
      { from: 'clientA', to: 'a b', message: 'hello', altered: [] },
    ]);
  });

  it('accepts members nested deeper than the stack', async () => {
    const depth = 200_000;
    const message: unknown = JSON.parse('['.repeat(depth) + ']'.repeat(depth));
    await record({ from: 'clientA', to: 'clientB', message });
    // Only newer versions of V8 can write it as text.
    expect(recorded()[0]?.message).to.be.oneOf(['', '['.repeat(10)]);
  });

  it('writes no more than the rate, and counts the rest', async () => {
    const invalidSends = invalidSendsAt(2);
    for (let n = 0; n < 5; n += 1) await record({}, invalidSends);
    expect(log.sent).to.have.lengthOf(2);
    expect(telemetry.invalid.filter((wasRecorded) => !wasRecorded)).to.have.lengthOf(3);
    await clock.advance(500);
    for (let n = 0; n < 5; n += 1) await record({}, invalidSends);
    expect(log.sent).to.have.lengthOf(3);
  });

  it('accumulates no more than one second of the rate', async () => {
    const invalidSends = invalidSendsAt(2);
    await clock.advance(60_000);
    for (let n = 0; n < 5; n += 1) await record({}, invalidSends);
    expect(log.sent).to.have.lengthOf(2);
  });

  it('writes none at rate 0, and one in two seconds at rate 0.5', async () => {
    await record({}, invalidSendsAt(0));
    expect(log.sent).to.have.lengthOf(0);
    const invalidSends = invalidSendsAt(0.5);
    for (const wait of [0, 1_000, 1_000, 0]) {
      await clock.advance(wait);
      await record({}, invalidSends);
    }
    expect(log.sent).to.have.lengthOf(2);
  });

  it('waits a second for the log, no longer', async () => {
    log.respond = () => new Promise(() => undefined);
    let waited = false;
    const refusing = record({}).then(() => (waited = true));
    await clock.advance(999);
    expect(waited).to.equal(false);
    await clock.advance(1);
    await refusing;
  });

  it('resolves if the log fails, and reports that nothing was recorded', async () => {
    log.respond = () => Promise.reject(new SendFailed('not-sent', new Error('down')));
    await record({});
    expect(telemetry.invalid).to.deep.equal([false]);
    expect(clock.pendingTimers).to.equal(0);
  });
});
