import { expect } from 'chai';
import { LoggedTelemetry } from '../../../../src/adapters/logging/logged-telemetry.js';
import type { Telemetry } from '../../../../src/application/ports/telemetry.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

function setUp() {
  const calls: unknown[][] = [];
  const inner = new Proxy({} as Telemetry, {
    get:
      (_target, name) =>
      (...args: unknown[]) =>
        calls.push([name, ...args]),
  });
  const logger = new RecordingLogger();
  const clock = new FakeClock();
  return { calls, logger, clock, telemetry: new LoggedTelemetry(inner, logger, clock) };
}

describe('LoggedTelemetry', () => {
  it('logs the beginning of an outage with its cause, and the end with its duration, even if the wall clock is set', async () => {
    const { telemetry, logger, clock } = setUp();
    const error = new Error('down');
    telemetry.outage('store', 'began', error);
    clock.stepWall(-3_600_000);
    await clock.advance(2_500);
    telemetry.outage('store', 'ended');
    expect(logger.lines).to.deep.equal([
      { level: 'warn', event: 'delivery.outage-began', fields: { dependency: 'store', error } },
      { level: 'info', event: 'delivery.outage-ended', fields: { dependency: 'store', seconds: 2.5 } },
    ]);
  });

  it('logs a dead letter with its code and the id of the message', () => {
    const { telemetry, logger } = setUp();
    telemetry.deadLettered('not-json', 'an-id');
    expect(logger.lines).to.deep.equal([
      { level: 'warn', event: 'delivery.dead-lettered', fields: { code: 'not-json', messageId: 'an-id' } },
    ]);
  });

  it('passes every call on', () => {
    const { telemetry, calls, logger } = setUp();
    telemetry.accepted(2);
    telemetry.invalid(true);
    telemetry.settled('stored');
    telemetry.delivered(5);
    telemetry.retried();
    telemetry.deadLettered('x', 'an-id');
    telemetry.outage('log', 'began', 'cause');
    telemetry.outage('log', 'ended');
    expect(calls).to.deep.equal([
      ['accepted', 2],
      ['invalid', true],
      ['settled', 'stored'],
      ['delivered', 5],
      ['retried'],
      ['deadLettered', 'x', 'an-id'],
      ['outage', 'log', 'began', 'cause'],
      ['outage', 'log', 'ended', undefined],
    ]);
    expect(logger.events()).to.deep.equal([
      'delivery.dead-lettered',
      'delivery.outage-began',
      'delivery.outage-ended',
    ]);
  });
});
