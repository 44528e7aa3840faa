import { expect } from 'chai';
import { Registry } from 'prom-client';
import { FailureCounts } from '../../../../src/adapters/metrics/failure-counts.js';
import { registerFailureGauges, registerGauges } from '../../../../src/adapters/metrics/gauges.js';
import { PrometheusTelemetry } from '../../../../src/adapters/metrics/prometheus-telemetry.js';
import type { FailureSummary } from '../../../../src/application/ports/archive.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

function setUp() {
  const registry = new Registry();
  const clock = new FakeClock(1_000_000);
  const logger = new RecordingLogger();
  const telemetry = new PrometheusTelemetry(registry, logger, clock);
  const line = async (start: string) => {
    const lines = (await registry.metrics()).split('\n');
    return lines.filter((text) => text.startsWith(start)).map((text) => text.slice(start.length).trim());
  };
  return { registry, clock, logger, telemetry, line };
}

describe('PrometheusTelemetry', () => {
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

  it('logs no other event', () => {
    const { telemetry, logger } = setUp();
    telemetry.accepted(2);
    telemetry.invalid(true);
    telemetry.settled('stored');
    telemetry.delivered(5);
    telemetry.retried();
    telemetry.replayed();
    expect(logger.lines).to.deep.equal([]);
  });

  it('counts accepted messages', async () => {
    const { telemetry, line } = setUp();
    telemetry.accepted(2);
    telemetry.accepted(1);
    expect(await line('postrider_messages_accepted_total')).to.deep.equal(['3']);
  });

  it('counts invalid sends by whether they were recorded, starting at zero', async () => {
    const { telemetry, line } = setUp();
    telemetry.invalid(true);
    expect(await line('postrider_messages_refused_total')).to.have.members([
      '{recorded="true"} 1',
      '{recorded="false"} 0',
    ]);
  });

  const outcomes = [
    ['stored', 'messages_stored'],
    ['recorded', 'failures_recorded'],
    ['duplicate', 'duplicates'],
    ['skipped', 'records_skipped'],
    ['expired', 'records_expired'],
  ] as const;
  for (const [outcome, name] of outcomes) {
    it(`counts a record that was ${outcome}, and nothing else with it`, async () => {
      const { telemetry, line } = setUp();
      telemetry.settled(outcome);
      expect(await line(`postrider_${name}_total`)).to.deep.equal(['1']);
      for (const [, other] of outcomes.filter(([, each]) => each !== name)) {
        expect(await line(`postrider_${other}_total`)).to.deep.equal(['0']);
      }
    });
  }

  it('does not count records without an outcome', async () => {
    const { telemetry, line } = setUp();
    telemetry.settled('reused');
    telemetry.settled('deferred');
    for (const [, name] of outcomes) expect(await line(`postrider_${name}_total`)).to.deep.equal(['0']);
  });

  it('counts retries, and dead letters by code', async () => {
    const { telemetry, line } = setUp();
    telemetry.retried();
    telemetry.deadLettered('foreign-code', 'an-id');
    telemetry.deadLettered('foreign-code', 'an-id');
    expect(await line('postrider_retries_total')).to.deep.equal(['1']);
    expect(await line('postrider_dead_letters_total')).to.include.members([
      '{code="foreign-code"} 2',
      '{code="undecodable"} 0',
    ]);
  });

  it('counts replays, misplaced records, and lost records by partition', async () => {
    const { telemetry, line } = setUp();
    telemetry.replayed();
    telemetry.misplaced(2);
    telemetry.recordsLost('client-messages', 3, 40);
    expect(await line('postrider_replays_total')).to.deep.equal(['1']);
    expect(await line('postrider_records_misplaced_total')).to.deep.equal(['2']);
    expect(await line('postrider_records_lost_total')).to.deep.equal([
      '{topic="client-messages",partition="3"} 40',
    ]);
  });

  it('measures the time from sender to inbox in seconds, never below zero', async () => {
    const { telemetry, line } = setUp();
    telemetry.delivered(1_500);
    telemetry.delivered(-200);
    expect(await line('postrider_end_to_end_seconds_sum')).to.deep.equal(['1.5']);
    expect(await line('postrider_end_to_end_seconds_count')).to.deep.equal(['2']);
    expect(await line('postrider_end_to_end_seconds_bucket{le="1"}')).to.deep.equal(['1']);
  });

  it('adds up the seconds of an outage while it lasts, even if the wall clock is set', async () => {
    const { telemetry, clock, line } = setUp();
    telemetry.outage('store', 'began');
    clock.stepWall(3_600_000);
    await clock.advance(4_000);
    expect(await line('postrider_outage_seconds_total{dependency="store"}')).to.deep.equal(['4']);
    await clock.advance(1_500);
    telemetry.outage('store', 'ended');
    await clock.advance(60_000);
    expect(await line('postrider_outage_seconds_total{dependency="store"}')).to.deep.equal(['5.5']);
    expect(await line('postrider_outage_seconds_total{dependency="log"}')).to.deep.equal(['0']);
  });
});

describe('The gauges', () => {
  it('show the current state of dependencies, lag and queues', async () => {
    const { registry, line } = setUp();
    let partitions = [0, 1];
    registerGauges(registry, {
      dependencies: [
        { dependency: 'log', status: () => ({ state: 'degraded', since: 0 }) },
        { dependency: 'store', status: () => ({ state: 'down', since: 0 }) },
      ],
      lag: () => partitions.map((partition) => ({ group: 'g', topic: 't', partition, records: 7 })),
      queues: () => ({ sends: 2, parked: 0 }),
      bodyMemory: () => 4_096,
    });
    expect(await line('postrider_dependency_up')).to.deep.equal([
      '{dependency="log"} 1',
      '{dependency="store"} 0',
    ]);
    expect(await line('postrider_queue_size')).to.deep.equal(['{queue="sends"} 2', '{queue="parked"} 0']);
    expect(await line('postrider_body_memory_bytes')).to.deep.equal(['4096']);
    expect(await line('postrider_lag_records')).to.have.length(2);
    partitions = [1];
    expect(await line('postrider_lag_records')).to.deep.equal(['{group="g",topic="t",partition="1"} 7']);
  });

  function failures(summary: () => Promise<FailureSummary>) {
    const all = setUp();
    let counted = 0;
    const counts = new FailureCounts({ summary: () => ((counted += 1), summary()) }, all.clock);
    registerFailureGauges(all.registry, counts, all.clock);
    counts.start();
    return { ...all, counts, counted: () => counted };
  }

  it('show the unresolved failures and the age of the oldest one', async () => {
    const { line, clock } = failures(() => Promise.resolve({ open: 3, oldestFailedAt: 940_000 }));
    await clock.advance(0);
    expect(await line('postrider_failures_')).to.have.members([
      'unresolved 3',
      'oldest_age_seconds 60',
      'recorded_total 0',
    ]);
  });

  it('show an age of zero if nothing has failed', async () => {
    const { line, clock } = failures(() => Promise.resolve({ open: 0 }));
    await clock.advance(0);
    expect(await line('postrider_failures_oldest_age_seconds')).to.deep.equal(['0']);
  });

  it('query the store every 10 s, however often they are scraped', async () => {
    let open = 0;
    const { line, clock, counts, counted } = failures(() => Promise.resolve({ open: (open += 1) }));
    for (let scrapes = 0; scrapes < 100; scrapes += 1) await line('postrider_failures_unresolved');
    expect(counted()).to.equal(1);
    await clock.advance(60_000);
    expect(counted()).to.equal(7);
    expect(await line('postrider_failures_unresolved')).to.deep.equal(['7']);
    counts.stop();
    await clock.advance(60_000);
    expect(counted()).to.equal(7);
  });

  it('show a count for at most 15 s, and none while the store is down', async () => {
    let answer: () => Promise<FailureSummary> = () => Promise.resolve({ open: 3 });
    const { line, clock } = failures(() => answer());
    await clock.advance(0);
    answer = () => new Promise(() => undefined);
    await clock.advance(15_000);
    expect(await line('postrider_failures_unresolved')).to.deep.equal(['3']);
    await clock.advance(1);
    expect(await line('postrider_failures_unresolved'), 'which hangs').to.deep.equal([]);
  });

  it('show nothing while counting keeps failing, and return soon after a count succeeds', async () => {
    let answer: () => Promise<FailureSummary> = () => Promise.resolve({ open: 3 });
    const { line, clock } = failures(() => answer());
    await clock.advance(9_000);
    answer = () => Promise.reject(new Error('down'));
    await clock.advance(1_000);
    expect(await line('postrider_failures_unresolved')).to.deep.equal([]);
    answer = () => Promise.resolve({ open: 4 });
    await clock.advance(2_000);
    expect(await line('postrider_failures_unresolved')).to.deep.equal(['4']);
  });
});

describe('Every metric', () => {
  it('has our prefix, and ends in _total exactly if it is a counter', async () => {
    const { registry, clock } = setUp();
    registerGauges(registry, { dependencies: [], lag: () => [], queues: () => ({}), bodyMemory: () => 0 });
    registerFailureGauges(registry, { recent: () => ({ open: 0 }) }, clock);
    for (const { name, type, labelNames } of await metricsOf(registry)) {
      expect(name).to.match(/^postrider_[a-z_]+$/);
      expect(name.endsWith('_total'), name).to.equal(type === 'counter');
      expect(labelNames).not.to.include.members(['client']);
    }
  });
});

async function metricsOf(registry: Registry) {
  const metrics = (await registry.getMetricsAsJSON()).map(({ name, type, values }) => ({
    name,
    type: String(type),
    labelNames: values.flatMap(({ labels }) => Object.keys(labels)),
  }));
  expect(metrics).to.have.length.above(10);
  return metrics;
}
