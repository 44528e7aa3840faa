import type { Clock } from '../../application/ports/clock.js';
import type { DependencyState, DependencyStatus } from '../../application/ports/dependency-health.js';
import type { Logger } from '../../application/ports/telemetry.js';

/** What can fail independently: the checks of the brokers, and the writes. */
export type Part = 'brokers' | 'writes';

/** After this time a successful check clears a write failure. Otherwise a process without sends would stay `down`. */
const WRITE_FAILURE_COUNTS_MS = 5_000;

/** A write that fails within this time after a successful one is a failure of its partition, not of Kafka. */
const WRITES_WORK_FOR_MS = 5_000;

/** Combines the reports of all Kafka adapters into one state. Logs when Kafka becomes unavailable and available. */
export class KafkaHealth {
  private readonly failing = new Set<Part>(['brokers']);
  private readonly losses = new Set<string>();
  /** By topic. */
  private readonly warnings = new Map<string, readonly string[]>();
  /** By topic. */
  private readonly unavailable = new Map<string, readonly number[]>();
  /** The state at the last update; undefined before the first one. */
  private reportedState: DependencyState | undefined;
  private since: number;
  private lastError: string | undefined;
  private writeFailedAt = -Infinity;
  private wroteAt = -Infinity;

  constructor(
    private readonly clock: Pick<Clock, 'now' | 'elapsed'>,
    private readonly logger: Logger,
    /** What the log lines call Kafka. */
    private readonly name = 'Kafka',
  ) {
    this.since = clock.now();
  }

  status(): DependencyStatus {
    const { reportedState: state = 'down', since, lastError } = this;
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

  /**
   * `kind` is an error code or class, never an error message, because the health endpoint shows it. `broker` is the
   * address that did not answer, if it is known. It may be one that the brokers name and the settings do not.
   */
  failed(part: Part, kind: string, broker?: string): void {
    if (part === 'writes' && this.clock.elapsed() - this.wroteAt < WRITES_WORK_FOR_MS) return;
    this.lastError = kind;
    this.failing.add(part);
    if (part === 'writes') this.writeFailedAt = this.clock.elapsed();
    this.update(broker);
  }

  /** Sets whether this partition has lost records that are not acknowledged. */
  setLoss(partition: string, isOpen: boolean): void {
    if (isOpen) this.losses.add(partition);
    else this.losses.delete(partition);
    this.update();
  }

  /** Replaces the topic's warnings: settings that an operator should change. */
  setWarnings(topic: string, warnings: readonly string[]): void {
    this.warnings.set(topic, warnings);
    // The first contact or failure decides the first state.
    if (this.reportedState !== undefined) this.update();
  }

  /** Sets the topic's partitions without a leader that answers. They make the log `degraded`, not `down`. */
  setUnavailable(topic: string, partitions: readonly number[]): void {
    const before = this.unavailable.get(topic) ?? [];
    this.unavailable.set(topic, partitions);
    if (String(before) === String(partitions)) return;
    if (partitions.length > 0) this.logger.warn('log.partitions-unavailable', { topic, partitions });
    else this.logger.info('log.partitions-available', { topic });
    if (this.reportedState !== undefined) this.update();
  }

  private unavailableWarnings(): string[] {
    return [...this.unavailable].flatMap(([topic, partitions]) =>
      partitions.length === 0
        ? []
        : [`${topic}: partitions without a leader that answers: ${partitions.join(', ')}`],
    );
  }

  private update(broker?: string): void {
    const before = this.reportedState;
    const hasWarnings = [...this.warnings.values(), ...this.unavailable.values()].some(
      ({ length }) => length > 0,
    );
    const working = this.losses.size > 0 || hasWarnings ? 'degraded' : 'up';
    this.reportedState = this.failing.size > 0 ? 'down' : working;
    if (this.reportedState === before) return;
    if (before !== undefined || this.reportedState !== 'down') this.since = this.clock.now();
    const { name, lastError: kind } = this;
    if (this.reportedState === 'down')
      this.logger.warn('log.unavailable', { text: `waiting for ${name}`, kind, broker });
    else if (before === undefined) this.logger.info('log.available', { text: `connected to ${name}` });
    else if (before === 'down') this.logger.info('log.available', { text: `${name} is back` });
  }
}
