import type { Consumer, EachBatchPayload } from 'kafkajs';

interface Delivery {
  readonly partition: number;
  readonly offsets: readonly number[];
  /** The offset that kafkajs requested; by default the first one. */
  readonly fetchedFrom?: number;
}

type Listener = (event: { payload: unknown }) => void;

export interface Commit {
  readonly partition: number;
  readonly offset: string;
  readonly metadata: string | null;
}

const EVENTS = ['GROUP_JOIN', 'REBALANCING', 'CRASH', 'FETCH', 'START_BATCH_PROCESS', 'REQUEST_TIMEOUT'];

/** The part of a kafkajs consumer that a group needs. The test acts as the broker. */
export class FakeConsumer {
  readonly events = Object.fromEntries(EVENTS.map((name) => [name, name]));
  readonly paused = new Set<number>();
  readonly sought: [number, string][] = [];
  readonly resolved: [number, string][] = [];
  /** Every request, successful or not. */
  readonly commitsSent: Commit[] = [];
  readonly commits: Commit[] = [];
  commitError: Error | undefined;
  connectError: Error | undefined;
  stopped = false;
  private readonly listeners = new Map<string, Listener[]>();
  private eachBatch: ((payload: EachBatchPayload) => Promise<void>) | undefined;

  get asConsumer(): Consumer {
    return this as unknown as Consumer;
  }

  on(name: string, listener: Listener): void {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
  }

  async connect(): Promise<void> {
    await Promise.resolve();
    if (this.connectError) throw this.connectError;
  }

  async subscribe(): Promise<void> {
    await Promise.resolve();
  }

  async run({ eachBatch }: { eachBatch: (payload: EachBatchPayload) => Promise<void> }): Promise<void> {
    await Promise.resolve();
    this.eachBatch = eachBatch;
  }

  pause(topics: { partitions: number[] }[]): void {
    this.failIfStopped();
    for (const partition of topics.flatMap(({ partitions }) => partitions)) this.paused.add(partition);
  }

  resume(topics: { partitions: number[] }[]): void {
    this.failIfStopped();
    for (const partition of topics.flatMap(({ partitions }) => partitions)) this.paused.delete(partition);
  }

  seek({ partition, offset }: { partition: number; offset: string }): void {
    this.failIfStopped();
    this.sought.push([partition, offset]);
  }

  async commitOffsets(commits: Commit[]): Promise<void> {
    const plain = commits.map(({ partition, offset, metadata }) => ({ partition, offset, metadata }));
    this.commitsSent.push(...plain);
    await Promise.resolve();
    if (this.commitError) throw this.commitError;
    this.commits.push(...plain);
  }

  join(...partitions: number[]): void {
    this.emit('GROUP_JOIN', { memberAssignment: { mail: partitions } });
  }

  emit(name: string, payload: unknown = {}): void {
    for (const listener of this.listeners.get(name) ?? []) listener({ payload });
  }

  /** Resolves when kafkajs may fetch again. */
  async deliver({ partition, offsets, fetchedFrom = offsets[0] ?? 0 }: Delivery): Promise<void> {
    const messages = offsets.map((offset) => ({
      ...{ offset: String(offset), timestamp: '1700000000000', key: Buffer.from('b') },
      ...{ value: Buffer.from(`record ${String(offset)}`), headers: {} },
    }));
    const batch = {
      ...{ topic: 'mail', partition, messages, fetchedOffset: String(fetchedFrom) },
      lastOffset: () => String(offsets.at(-1)),
    };
    const commit = async ({ topics }: { topics: { partitions: Commit[] }[] }): Promise<void> => {
      await this.commitOffsets(topics.flatMap(({ partitions }) => partitions));
    };
    const resolveOffset = (offset: string) => this.resolved.push([partition, offset]);
    await this.eachBatch?.({
      ...{ batch, resolveOffset, commitOffsetsIfNecessary: commit },
    } as unknown as EachBatchPayload);
  }

  private failIfStopped(): void {
    if (this.stopped)
      throw new Error('Consumer group was not initialized, consumer#run must be called first');
  }
}
