import { SendFailed } from '../../../../src/application/errors.js';
import type { RecordSender } from '../../../../src/application/ports/record-log.js';
import { partitionOf } from '../../../../src/adapters/kafka/producing/partitioner.js';
import { aRecord } from '../../../contract/log/log-under-test.js';

/** One send; times are from `performance.now()`. */
export interface TimedSend {
  readonly partition: number;
  readonly text: string;
  readonly at: number;
  answeredAt?: number;
  outcome?: 'sent' | 'not-sent' | 'unknown';
}

const EVERY_MS = 40;

/** Sends to each partition of a topic every few milliseconds, and records when and how each send ends. */
export class SendTraffic {
  readonly sends: TimedSend[] = [];
  private readonly timer: NodeJS.Timeout;
  private readonly open = new Set<Promise<void>>();

  constructor(
    private readonly sender: RecordSender,
    partitions: number,
  ) {
    const keys = Array.from({ length: partitions }, (_, partition) => keyOf(partition, partitions));
    this.timer = setInterval(() => {
      keys.forEach((key, partition) => {
        this.send(key, partition);
      });
    }, EVERY_MS);
  }

  /** Resolves when every send has ended. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.open);
  }

  /** Returns the ended sends to these partitions that began within the interval. */
  between(from: number, to: number, partitions: readonly number[]): TimedSend[] {
    return this.sends.filter(
      ({ partition, at, answeredAt }) =>
        partitions.includes(partition) && at >= from && at < to && answeredAt !== undefined,
    );
  }

  private send(key: string, partition: number): void {
    const send: TimedSend = { partition, text: `${key} ${String(this.sends.length)}`, at: performance.now() };
    this.sends.push(send);
    const note = (outcome: NonNullable<TimedSend['outcome']>): void => {
      send.answeredAt = performance.now();
      send.outcome = outcome;
    };
    const sending = this.sender.send(aRecord(key, send.text)).then(
      () => {
        note('sent');
      },
      (error: unknown) => {
        note(error instanceof SendFailed ? error.outcome : 'unknown');
      },
    );
    this.open.add(sending);
    void sending.finally(() => this.open.delete(sending));
  }
}

export function percentile(sends: readonly TimedSend[], share: number): number {
  return percentileOf(
    sends.map(({ at, answeredAt = Infinity }) => answeredAt - at),
    share,
  );
}

export function percentileOf(values: readonly number[], share: number): number {
  const times = [...values].sort((a, b) => a - b);
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Infinity;
}

/** Returns a key whose records go to the partition. */
export function keyOf(partition: number, partitions: number): string {
  for (let n = 0; ; n += 1) {
    const key = `client-${String(n)}`;
    if (partitionOf(aRecord(key, ''), partitions) === partition) return key;
  }
}
