import { Counter, Histogram, type Registry } from 'prom-client';
import { DependencyUnavailable } from '../../application/errors.js';
import { logFailure } from '../../application/log-failure.js';
import type { Clock } from '../../application/ports/clock.js';
import type { Logger, Telemetry } from '../../application/ports/telemetry.js';
import { OutageTime } from './outage-time.js';

// From a few milliseconds (the usual case) to an hour (a long outage of the store).
const DELIVERY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];
const CODES = [
  'undecodable',
  'invalid-message',
  'idempotency-key-reused',
  'store-failed',
  'document-too-large',
];

/**
 * Telemetry for Prometheus: base units, `_total` on counters only, and no client names in labels. Dead letters and
 * outages are also logged.
 */
export class PrometheusTelemetry implements Telemetry {
  private readonly acceptedTotal: Counter;
  private readonly invalidTotal: Counter<'recorded'>;
  private readonly storedTotal: Counter;
  private readonly duplicatesTotal: Counter;
  private readonly skippedTotal: Counter;
  private readonly expiredTotal: Counter;
  private readonly failuresTotal: Counter;
  private readonly retriesTotal: Counter;
  private readonly deadLettersTotal: Counter<'code'>;
  private readonly replaysTotal: Counter;
  private readonly misplacedTotal: Counter;
  private readonly lostTotal: Counter<'topic' | 'partition'>;
  private readonly seconds: Histogram;
  private readonly outages: OutageTime;
  private readonly outagesSince = new Map<string, { readonly at: number; readonly cause: unknown }>();

  constructor(
    registry: Registry,
    private readonly logger: Logger,
    private readonly clock: Pick<Clock, 'elapsed'>,
  ) {
    const counter = <L extends string>(
      name: string,
      help: string,
      labelNames: readonly L[] = [],
    ): Counter<L> =>
      new Counter({ name: `postrider_${name}_total`, help, labelNames, registers: [registry] });
    this.acceptedTotal = counter('messages_accepted', 'Messages that are durable in the log');
    this.invalidTotal = counter('messages_refused', 'Sends whose message was invalid', ['recorded']);
    this.storedTotal = counter('messages_stored', 'Messages stored in inboxes');
    this.duplicatesTotal = counter(
      'duplicates',
      'Records that changed nothing because they were seen before',
    );
    this.skippedTotal = counter('records_skipped', 'Records addressed to clients that are not served here');
    this.expiredTotal = counter(
      'records_expired',
      'Records older than the retention of messages or failures',
    );
    this.failuresTotal = counter('failures_recorded', 'Failed messages recorded in the ledger');
    this.retriesTotal = counter('retries', 'Retries of single messages');
    this.deadLettersTotal = counter('dead_letters', 'Messages written to the dead-letter topic', ['code']);
    this.replaysTotal = counter('replays', 'Failed messages published again');
    this.misplacedTotal = counter('records_misplaced', 'Records outside the partition of their recipient');
    this.lostTotal = counter('records_lost', 'Records that the log dropped before they were delivered', [
      'topic',
      'partition',
    ]);
    this.seconds = new Histogram({
      name: 'postrider_end_to_end_seconds',
      help: 'Time from sending a message until it is in its inbox',
      buckets: DELIVERY_BUCKETS,
      registers: [registry],
    });
    this.outages = new OutageTime(registry, clock);
    // `increase()` misses a series' first value, so these series start at zero.
    for (const recorded of ['true', 'false']) this.invalidTotal.inc({ recorded }, 0);
    for (const code of CODES) this.deadLettersTotal.inc({ code }, 0);
  }

  accepted(count: number): void {
    this.acceptedTotal.inc(count);
  }

  invalid(recorded: boolean): void {
    this.invalidTotal.inc({ recorded: String(recorded) });
  }

  settled(outcome: Parameters<Telemetry['settled']>[0]): void {
    switch (outcome) {
      case 'stored':
        this.storedTotal.inc();
        break;
      case 'recorded':
        this.failuresTotal.inc();
        break;
      case 'duplicate':
        this.duplicatesTotal.inc();
        break;
      case 'skipped':
        this.skippedTotal.inc();
        break;
      case 'expired':
        this.expiredTotal.inc();
        break;
      // Not final: the message is settled later, as a dead letter or after its predecessor.
      case 'reused':
      case 'deferred':
        break;
    }
  }

  delivered(elapsedMs: number): void {
    // The sender's clock may be ahead of ours.
    this.seconds.observe(Math.max(0, elapsedMs) / 1000);
  }

  retried(): void {
    this.retriesTotal.inc();
  }

  misplaced(count: number): void {
    this.misplacedTotal.inc(count);
  }

  deadLettered(code: string, messageId: string): void {
    this.logger.warn('delivery.dead-lettered', { code, messageId });
    this.deadLettersTotal.inc({ code });
  }

  outage(dependency: string, state: 'began' | 'ended', error?: unknown): void {
    if (state === 'began') {
      this.outagesSince.set(dependency, { at: this.clock.elapsed(), cause: error });
      logFailure(this.logger, 'delivery.outage-began', error, { dependency });
    } else {
      const since = this.outagesSince.get(dependency);
      const seconds = since && (this.clock.elapsed() - since.at) / 1000;
      this.outagesSince.delete(dependency);
      // At the level of its beginning: the adapter logs that the dependency is back.
      if (since?.cause instanceof DependencyUnavailable)
        this.logger.debug('delivery.outage-ended', { dependency, seconds });
      else this.logger.info('delivery.outage-ended', { dependency, seconds });
    }
    this.outages.change(dependency, state);
  }

  replayed(): void {
    this.replaysTotal.inc();
  }

  recordsLost(topic: string, partition: number, count: number): void {
    this.lostTotal.inc({ topic, partition }, count);
  }
}
