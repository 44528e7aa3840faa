import type { Batch, Consumer, EachBatchPayload } from 'kafkajs';
import type { Clock } from '../../application/ports/clock.js';
import type { Logger } from '../../application/ports/logger.js';
import type { RecordSubscriber } from '../../application/ports/record-feed.js';
import { Assignment } from './assignment.js';
import { ConsumerControl } from './consumer-control.js';
import { metadataOf } from './group-offset.js';
import { errorKind, isPassing } from './kafka-errors.js';
import type { TopicEnds } from './log-ends.js';
import { Liveness } from './liveness.js';
import { OffsetCommits } from './offset-commits.js';
import type { Position, Positions } from './positions.js';

export interface ConsumerContext {
  readonly group: string;
  readonly topic: string;
  readonly subscriber: RecordSubscriber;
  readonly positions: Pick<Positions, 'find'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether records of the partition were lost that nobody has taken note of. */
  readonly onLoss: (partition: number, isOpen: boolean) => void;
}

/** Why a consumer is of no more use. `passing`: for a reason that is not its own, and that time mends. */
export interface ConsumerEnd {
  readonly cause: unknown;
  readonly passing: boolean;
}

/** kafkajs handles so many partitions at once; more would wait for one another. */
const CONCURRENCY = 128;
const LOCATE_AGAIN_MS = 1_000;

/**
 * One kafkajs consumer, until it crashes, stalls or is closed. A partition is paused when it is assigned, and begins
 * where `Positions` says, so that kafkajs never has to choose an offset. Nothing is ever thrown into kafkajs.
 */
export class GroupConsumer {
  /** Resolves when it is of no more use. */
  readonly ended: Promise<ConsumerEnd>;
  private end: (end: ConsumerEnd) => void = () => undefined;
  private assignments = new Map<number, Assignment>();
  private readonly losses = new Map<number, number>();
  private readonly commits: OffsetCommits;
  private readonly control: ConsumerControl;
  private readonly liveness: Liveness;
  private received = false;
  private closing = false;

  constructor(
    private readonly consumer: Consumer,
    private readonly context: ConsumerContext,
  ) {
    const { clock, logger } = context;
    this.ended = new Promise((resolve) => (this.end = resolve));
    this.liveness = new Liveness(clock);
    this.control = new ConsumerControl(consumer, context.topic);
    this.commits = new OffsetCommits((commits) => this.control.commit(commits), clock, logger);
  }

  get hasReceived(): boolean {
    return this.received;
  }

  /** What is assigned to it now. */
  get partitions(): readonly Assignment[] {
    return [...this.assignments.values()];
  }

  /** Joins the group. Never rejects; a failure is its end. */
  async start(): Promise<void> {
    this.listen();
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [this.context.topic], fromBeginning: true });
      await this.consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: CONCURRENCY,
        eachBatch: (payload) => this.eachBatch(payload),
      });
    } catch (error) {
      this.end({ cause: error, passing: isPassing(error) });
    }
  }

  /** Stops fetching, drains every reader, and commits what they have finished; stays a member meanwhile. */
  async drain(): Promise<void> {
    this.closing = true;
    for (const partition of this.assignments.keys()) this.control.pause(partition);
    await Promise.all(this.partitions.map((assignment) => assignment.drain()));
    this.revokeAll();
  }

  /** Takes nothing any more, whatever kafkajs still makes of it. */
  retire(): void {
    this.closing = true;
    this.revokeAll();
  }

  private revokeAll(): void {
    for (const assignment of this.assignments.values()) assignment.revoke();
    for (const partition of this.losses.keys()) this.context.onLoss(partition, false);
    this.assignments = new Map();
    this.losses.clear();
    this.commits.clear();
  }

  /** Ends it when it should have got on and has not. To be called every few seconds; see `Liveness`. */
  watch(ends: TopicEnds | undefined): void {
    const stall = this.liveness.stall(this.partitions, this.closing ? undefined : ends);
    if (stall) this.end({ cause: new Error(stall.what), passing: stall.fetching });
  }

  private listen(): void {
    const { consumer } = this;
    const { GROUP_JOIN, REBALANCING, CRASH, FETCH, START_BATCH_PROCESS } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.assign(payload.memberAssignment[this.context.topic] ?? []);
    });
    consumer.on(REBALANCING, () => {
      this.liveness.isJoining();
      this.revokeAll();
    });
    consumer.on(CRASH, ({ payload: { error } }) => {
      this.revokeAll();
      this.end({ cause: error, passing: isPassing(error) });
    });
    consumer.on(FETCH, () => {
      this.liveness.hasFetched();
    });
    consumer.on(START_BATCH_PROCESS, ({ payload }) => {
      const { partition, batchSize, firstOffset, lastOffset } = payload;
      if (batchSize === 0) this.assignments.get(partition)?.skip(Number(firstOffset), Number(lastOffset));
    });
  }

  private assign(partitions: readonly number[]): void {
    this.revokeAll();
    this.liveness.hasJoined();
    for (const partition of partitions) this.control.pause(partition);
    const { topic, clock } = this.context;
    const host = {
      clock,
      pause: (partition: number) => this.control.pause(partition),
      resume: (partition: number) => this.control.resume(partition),
      commit: (partition: number, next: number) => this.commit(partition, next),
    };
    for (const partition of partitions)
      this.assignments.set(partition, new Assignment(topic, partition, host));
    void this.locate(this.partitions);
  }

  private async locate(assignments: readonly Assignment[]): Promise<void> {
    const wanted = assignments.filter(({ isOver }) => !isOver && !this.closing);
    if (wanted.length === 0) return;
    try {
      const found = await this.context.positions.find(new Map(wanted.map((a) => [a.partition, a.next])));
      for (const assignment of wanted) {
        const position = found.get(assignment.partition);
        if (position && !assignment.isOver && !this.closing) this.begin(assignment, position);
      }
    } catch (error) {
      this.context.logger.info('log.position-unknown', { kind: errorKind(error) });
      this.context.clock.after(LOCATE_AGAIN_MS, () => void this.locate(wanted));
    }
  }

  private begin(assignment: Assignment, { offset, lost, isNew }: Position): void {
    const { partition, next } = assignment;
    if (next === undefined) assignment.begin(this.context.subscriber, offset);
    else assignment.moveTo(offset);
    this.losses.set(partition, lost);
    this.context.onLoss(partition, lost > 0);
    // What is not delivered yet must not be committed with it.
    if (isNew && next === undefined) void this.commit(partition, offset);
    this.control.seek(partition, offset);
    this.control.resume(partition);
  }

  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    this.control.learnFrom(payload);
    const assignment = this.assignments.get(batch.partition);
    if (assignment?.next === undefined || this.closing) return;
    if (fetchedFrom(batch) > assignment.next) {
      // kafkajs went on elsewhere: the log had nothing at this offset any more, or the batch is of another generation.
      this.control.pause(batch.partition);
      void this.locate([assignment]);
      return;
    }
    try {
      const last = batch.lastOffset();
      payload.resolveOffset(last);
      this.received ||= batch.messages.length > 0;
      await assignment.take(batch, Number(last));
    } catch (error) {
      this.context.logger.error('log.receive-failed', { error });
      // The batch counts as fetched: only another consumer gets it again.
      this.end({ cause: error, passing: false });
    }
  }

  private commit(partition: number, next: number): Promise<void> {
    const metadata = metadataOf(this.losses.get(partition) ?? 0);
    return this.commits.commit({ partition, offset: String(next), metadata });
  }
}

/** The offset that was asked for; kafkajs's types do not tell of it. */
function fetchedFrom(batch: Batch & { readonly fetchedOffset?: string }): number {
  return Number(batch.fetchedOffset ?? batch.firstOffset() ?? 0);
}
