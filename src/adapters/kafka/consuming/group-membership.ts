import type { FeedConnection } from '../../../application/ports/record-feed.js';
import { errorKind } from '../kafka-errors.js';
import type { TopicWatermarks } from '../topics/watermarks.js';
import { every, settledWithin, type Repetition } from '../../../application/timing.js';
import { GroupConsumer, type ConsumerContext, type ConsumerEnd } from './group-consumer.js';
import type { OpenedConsumer } from './open-consumer.js';

export interface MembershipContext extends ConsumerContext {
  readonly open: () => OpenedConsumer;
  /** Returns the topic's latest watermarks; undefined while the log does not answer. */
  readonly watermarks: () => TopicWatermarks | undefined;
  /** Called when three consumers in a row made no progress. Only a new process may help. */
  readonly onFatal: (error: Error) => void;
}

const CHECK_MS = 5_000;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
/** Short, because the log may answer again at any moment. */
const PAUSE_WITHOUT_LOG_MS = 1_000;
const USELESS_IN_A_ROW = 3;
/** A store that does not answer must not delay a shutdown for longer. */
const SAVE_AT_CLOSE_MS = 2_000;

/** Keeps one consumer in the group, and replaces it when it ends. */
export class GroupMembership implements FeedConnection {
  private consumer: GroupConsumer | undefined;
  private useless = 0;
  private closing: Promise<void> | undefined;
  private wake: () => void = () => undefined;
  private readonly checks: Repetition;
  private readonly keeping: Promise<void>;

  constructor(private readonly context: MembershipContext) {
    const check = (): void => this.consumer?.watch(context.watermarks());
    this.checks = every(context.clock, CHECK_MS, check, CHECK_MS);
    this.keeping = this.keepUp();
  }

  get partitions(): GroupConsumer['partitions'] {
    return this.consumer?.partitions ?? [];
  }

  close(): Promise<void> {
    this.closing ??= this.leave();
    return this.closing;
  }

  private get isClosing(): boolean {
    return this.closing !== undefined;
  }

  private async leave(): Promise<void> {
    void this.checks.stop();
    await this.consumer?.drain();
    // Save before leaving the group: the next owners begin at the saved positions.
    await settledWithin(this.context.clock, SAVE_AT_CLOSE_MS, this.context.keeper.save());
    this.wake();
    await this.keeping;
  }

  private async keepUp(): Promise<void> {
    while (!this.isClosing) {
      const end = await this.useOne();
      if (end === undefined || this.isClosing) return;
      this.logEnd(end);
      await this.pause();
    }
  }

  private logEnd({ cause, passing }: ConsumerEnd): void {
    const { group, topic, logger, watermarks } = this.context;
    const fields = { group, topic, kind: errorKind(cause), passing, error: cause };
    // An outage is logged once by the checks of the brokers.
    if (passing && watermarks() === undefined) logger.debug('log.consumer-replaced', fields);
    else logger.warn('log.consumer-replaced', fields);
  }

  /** Runs one consumer. Resolves with its end, or with undefined when the membership is closing. */
  private async useOne(): Promise<ConsumerEnd | undefined> {
    const { kafka, dispose } = this.context.open();
    const consumer = new GroupConsumer(kafka, this.context);
    this.consumer = consumer;
    const started = consumer.start();
    const closed = new Promise<undefined>((resolve) => {
      this.wake = () => {
        resolve(undefined);
      };
    });
    const end = await Promise.race([consumer.ended, closed]);
    consumer.retire();
    if (end) this.countIfUseless(consumer, end);
    await dispose(started);
    return end;
  }

  /** Counts consecutive consumers that ended by their own fault. A consumer that received records resets the count. */
  private countIfUseless(consumer: GroupConsumer, { cause, passing }: ConsumerEnd): void {
    if (consumer.hasReceived) this.useless = 0;
    if (this.context.watermarks() === undefined) return;
    consumer.reportUnfinishedRereads();
    if (passing) return;
    this.useless += 1;
    if (this.useless < USELESS_IN_A_ROW) return;
    const { group, onFatal } = this.context;
    const text = `${String(USELESS_IN_A_ROW)} consumers of the group ${group} in a row made no progress`;
    onFatal(new Error(`${text}, the last one: ${errorKind(cause)}`, { cause }));
  }

  private pause(): Promise<void> {
    const { clock, watermarks } = this.context;
    const own = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 5 ** this.useless);
    const ms = watermarks() === undefined ? PAUSE_WITHOUT_LOG_MS : own;
    return new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
