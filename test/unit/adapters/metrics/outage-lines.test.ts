import { expect } from 'chai';
import { Registry } from 'prom-client';
import { PrometheusTelemetry } from '../../../../src/adapters/metrics/prometheus-telemetry.js';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

describe('The log lines of an outage in delivery', () => {
  it('are at debug level if the adapter of the dependency logs the outage', () => {
    const logger = new RecordingLogger();
    const telemetry = new PrometheusTelemetry(new Registry(), logger, new FakeClock());
    for (const cause of [new DependencyUnavailable('store', new Error('down')), new TypeError('bug')]) {
      telemetry.outage('store', 'began', cause);
      telemetry.outage('store', 'ended');
    }
    expect(logger.lines.map(({ level, event }) => [level, event])).to.deep.equal([
      ['debug', 'delivery.outage-began'],
      ['debug', 'delivery.outage-ended'],
      ['warn', 'delivery.outage-began'],
      ['info', 'delivery.outage-ended'],
    ]);
  });
});
