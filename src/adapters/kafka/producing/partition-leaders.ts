import type { CancelTimer, Clock } from '../../../application/ports/clock.js';
import { sleep } from '../../../application/timing.js';

/** The partitions of a topic and the brokers of the cluster, as `host:port`. */
export interface TopicView {
  readonly partitions: number;
  /** By partition; partitions without a leader are absent. */
  readonly leaders: ReadonlyMap<number, string>;
  readonly brokers: readonly string[];
}

/** Asks one broker for its view of the topic. */
export interface ViewSource {
  ask(): Promise<TopicView>;
  close(): Promise<void>;
}

const REFRESH_INTERVAL_MS = 5_000;
const WATCH_INTERVAL_MS = 500;
const MIN_REFRESH_INTERVAL_MS = 200;
/** After this time the next broker is asked: a frozen broker accepts connections but never answers. */
const RESPONSE_TIMEOUT_MS = 1_000;

/** Tracks which broker leads each partition of a topic. Asks one broker, and the next one if it does not answer. */
export class PartitionLeaders {
  private view: TopicView | undefined;
  /** The last error of a broker that was asked. */
  private failure: unknown;
  private source: ViewSource | undefined;
  /** The broker that `source` asks, or that was asked last. */
  private asked: string;
  private addresses: readonly string[];
  private refreshing: Promise<void> | undefined;
  private refreshedAt = -Infinity;
  private cancelTimer: CancelTimer | undefined;
  private closed = false;

  constructor(
    private readonly open: (address: string) => ViewSource,
    private readonly seeds: readonly string[],
    private readonly clock: Clock,
  ) {
    this.addresses = seeds;
    this.asked = seeds[0] ?? '';
  }

  /** Absent until a broker has answered. */
  get partitions(): number | undefined {
    return this.view?.partitions;
  }

  get error(): unknown {
    return this.failure;
  }

  leaderOf(partition: number): string | undefined {
    return this.view?.leaders.get(partition);
  }

  ledBy(leader: string): number[] {
    const led = [...(this.view?.leaders ?? [])].filter(([, address]) => address === leader);
    return led.map(([partition]) => partition);
  }

  /**
   * Settles as `work` does, or rejects when a refresh shows that `leader` has lost one of the partitions. Refreshes
   * while `work` is pending, because a frozen leader never reports the loss.
   */
  whileLeading<T>(leader: string, partitions: readonly number[], work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let ended = false;
      let cancel: CancelTimer = () => undefined;
      const watch = (): void => {
        cancel = this.clock.after(WATCH_INTERVAL_MS, () => {
          void this.refresh().then(() => {
            if (ended) return;
            const moved = partitions.find((partition) => this.leaderOf(partition) !== leader);
            if (moved === undefined) watch();
            else reject(new Error(`${leader} no longer leads partition ${String(moved)}`));
          });
        });
      };
      const end = (): void => {
        ended = true;
        cancel();
      };
      watch();
      work.then(resolve, reject).finally(end);
    });
  }

  /** Asks for the leaders, at most every 200 ms, and again after 5 s. Joins a refresh in flight. Never rejects. */
  refresh(): Promise<void> {
    this.refreshing ??= this.run().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.cancelTimer?.();
    await this.source?.close();
  }

  private async run(): Promise<void> {
    this.cancelTimer?.();
    const passed = this.clock.elapsed() - this.refreshedAt;
    if (passed < MIN_REFRESH_INTERVAL_MS) await sleep(this.clock, MIN_REFRESH_INTERVAL_MS - passed);
    this.refreshedAt = this.clock.elapsed();
    const view = await this.askAny();
    if (this.closed) return;
    if (view) {
      this.view = view;
      this.addresses = [...new Set([...view.brokers, ...this.seeds])];
    }
    this.cancelTimer = this.clock.after(REFRESH_INTERVAL_MS, () => void this.refresh());
  }

  /** Asks the brokers one by one until one answers, beginning with the one that was asked last. */
  private async askAny(): Promise<TopicView | undefined> {
    for (const address of new Set([this.asked, ...this.addresses])) {
      if (this.closed) return undefined;
      const source = (this.source ??= this.open(address));
      this.asked = address;
      try {
        return await this.answerOf(source);
      } catch (error) {
        this.failure = error;
        this.source = undefined;
        void source.close();
      }
    }
    return undefined;
  }

  private answerOf(source: ViewSource): Promise<TopicView> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(RESPONSE_TIMEOUT_MS, () => {
        reject(new Error('The broker did not name its leaders in time'));
      });
      source.ask().then(resolve, reject).finally(cancel);
    });
  }
}
