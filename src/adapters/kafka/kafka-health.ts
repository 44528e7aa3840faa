import type { Clock } from '../../application/ports/clock.js';
import type { DependencyState, DependencyStatus } from '../../application/ports/dependency-health.js';
import type { Logger } from '../../application/ports/logger.js';

/** What may fail by itself: asking the brokers where the log ends, and writing to it. */
export type Part = 'brokers' | 'writes';

/** A process that writes no more by itself is taken to be able to again after this time, if the brokers answer. */
const WRITE_FAILURE_COUNTS_MS = 5_000;

/** So long after a write that worked, one that fails concerns its partition, and not Kafka as a whole. */
const WRITES_WORK_FOR_MS = 5_000;

/** What is known about Kafka, from all that talks to it. Tells the log when it goes and when it is back. */
export class KafkaHealth {
  private readonly failing = new Set<Part>(['brokers']);
  private readonly losses = new Set<string>();
  /** By topic. */
  private readonly warnings = new Map<string, readonly string[]>();
  /** By topic. */
  private readonly unavailable = new Map<string, readonly number[]>();
  /** What the log was told; nothing before the first contact, or the first failure. */
  private told: DependencyState | undefined;
  private since: number;
  private lastError: string | undefined;
  /** By elapsed time. */
  private writeFailedAt = -Infinity;
  /** By elapsed time. */
  private wroteAt = -Infinity;

  constructor(
    private readonly clock: Pick<Clock, 'now' | 'elapsed'>,
    private readonly logger: Logger,
  ) {
    this.since = clock.now();
  }

  status(): DependencyStatus {
    const { told: state = 'down', since, lastError } = this;
    const warnings = [...this.warnings.values()].flat().concat(this.unavailableWarnings());
    return {
      state,
      since,
      ...(lastError !== undefined && { lastError }),
      ...(warnings.length > 0 && { warnings }),
    };
  }

  get brokersAnswer(): boolean {
    return !this.failing.has('brokers');
  }

  succeeded(part: Part): void {
    if (part === 'writes') this.wroteAt = this.clock.elapsed();
    this.failing.delete(part);
    if (this.clock.elapsed() - this.writeFailedAt >= WRITE_FAILURE_COUNTS_MS) this.failing.delete('writes');
    this.update();
  }

  /** `kind` is a code or a class, never an error's text. */
  failed(part: Part, kind: string): void {
    if (part === 'writes' && this.clock.elapsed() - this.wroteAt < WRITES_WORK_FOR_MS) return;
    this.lastError = kind;
    this.failing.add(part);
    if (part === 'writes') this.writeFailedAt = this.clock.elapsed();
    this.update();
  }

  /** Records of this partition were lost, and nobody has taken note yet. */
  setLoss(partition: string, isOpen: boolean): void {
    if (isOpen) this.losses.add(partition);
    else this.losses.delete(partition);
    this.update();
  }

  /** What an operator should change about this topic; replaces what was said about it before. */
  setWarnings(topic: string, warnings: readonly string[]): void {
    this.warnings.set(topic, warnings);
    // Before the first contact there is nothing to tell the log yet.
    if (this.told !== undefined) this.update();
  }

  /** Partitions of the topic that have no leader, or one that does not answer. The log as a whole works. */
  setUnavailable(topic: string, partitions: readonly number[]): void {
    const before = this.unavailable.get(topic) ?? [];
    this.unavailable.set(topic, partitions);
    if (String(before) === String(partitions)) return;
    if (partitions.length > 0) this.logger.warn('log.partitions-unavailable', { topic, partitions });
    else this.logger.info('log.partitions-available', { topic });
    if (this.told !== undefined) this.update();
  }

  private unavailableWarnings(): string[] {
    return [...this.unavailable].flatMap(([topic, partitions]) =>
      partitions.length === 0
        ? []
        : [`${topic}: partitions without a leader that answers: ${partitions.join(', ')}`],
    );
  }

  private update(): void {
    const before = this.told;
    const hasWarnings = [...this.warnings.values(), ...this.unavailable.values()].some(
      ({ length }) => length > 0,
    );
    const working = this.losses.size > 0 || hasWarnings ? 'degraded' : 'up';
    this.told = this.failing.size > 0 ? 'down' : working;
    if (this.told === before) return;
    if (before !== undefined || this.told !== 'down') this.since = this.clock.now();
    if (this.told === 'down') this.logger.warn('log.unavailable', { kind: this.lastError });
    else if (before === 'down' || before === undefined) this.logger.info('log.available');
  }
}
