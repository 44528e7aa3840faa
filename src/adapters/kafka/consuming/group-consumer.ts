import type { Batch, Consumer, EachBatchPayload } from 'kafkajs';
import type { Clock } from '../../../application/ports/clock.js';
import type { Logger } from '../../../application/ports/telemetry.js';
import type { RecordSubscriber } from '../../../application/ports/record-feed.js';
import type { RecordDigest } from '../../../domain/delivery/consumer-position.js';
import { Assignment } from './assignment.js';
import { AssignmentLocator } from './assignment-locator.js';
import { ConsumerControl } from './consumer-control.js';
import { isPassing } from '../kafka-errors.js';
import type { TopicWatermarks } from '../topics/watermarks.js';
import { Liveness } from './liveness.js';
import { OffsetCommits, type PartitionCommit } from './offset-commits.js';
import type { PositionKeeper } from './offsets/position-keeper.js';
import type { Position, StartOffsets } from './offsets/start-offsets.js';

export interface ConsumerContext {
  readonly group: string;
  readonly topic: string;
  readonly subscriber: RecordSubscriber;
  readonly positions: Pick<StartOffsets, 'find' | 'rereadFailed'>;
  readonly keeper: Pick<PositionKeeper, 'committed' | 'save'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with whether the partition has lost records that are not acknowledged. */
  readonly onLoss: (partition: number, isOpen: boolean) => void;
}

/** Why a consumer ended. `passing`: the cause is transient and not in the consumer. */
export interface ConsumerEnd {
  readonly cause: unknown;
  readonly passing: boolean;
}

/** The number of partitions that kafkajs handles concurrently. More partitions would delay each other. */
const CONCURRENCY = 128;

/**
 * Runs one kafkajs consumer until it crashes, stalls or is closed. Pauses each partition when it is assigned and
 * begins at the position from `StartOffsets`, so that kafkajs never chooses an offset. Never throws into kafkajs.
 */
export class GroupConsumer {
  /** Resolves when the consumer can no longer be used. */
  readonly ended: Promise<ConsumerEnd>;
  private end: (end: ConsumerEnd) => void = () => undefined;
  private assignments = new Map<number, Assignment>();
  private readonly locator: AssignmentLocator;
  private readonly unfinishedRereads = new Map<number, RecordDigest>();
  private readonly commits: OffsetCommits;
  private readonly control: ConsumerControl;
  private readonly liveness: Liveness;
  private received = false;
  private closing = false;

  constructor(
    private readonly consumer: Consumer,
    private readonly context: ConsumerContext,
  ) {
    const { group, topic, keeper, clock, logger } = context;
    this.ended = new Promise((resolve) => (this.end = resolve));
    this.liveness = new Liveness(clock);
    this.control = new ConsumerControl(consumer, context.topic);
    this.locator = new AssignmentLocator(
      context,
      (assignment) => !assignment.isOver && !this.closing,
      (assignment, position) => {
        this.begin(assignment, position);
      },
    );
    const keep = (commits: readonly PartitionCommit[]): void => {
      keeper.committed(commits.map((commit) => ({ group, topic, ...commit })));
    };
    this.commits = new OffsetCommits((commits) => this.control.commit(commits), keep, clock, logger);
  }

  get hasReceived(): boolean {
    return this.received;
  }

  get partitions(): readonly Assignment[] {
    return [...this.assignments.values()];
  }

  /** Joins the group. Never rejects; a failure resolves `ended`. */
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

  /** Reports the records that this consumer had to reread, and did not before it ended. */
  reportUnfinishedRereads(): void {
    for (const [partition, last] of this.unfinishedRereads)
      this.context.positions.rereadFailed(partition, last);
  }

  /** Stops fetching, drains every reader, and commits what they have finished; stays a member meanwhile. */
  async drain(): Promise<void> {
    this.closing = true;
    for (const partition of this.assignments.keys()) this.control.pause(partition);
    await Promise.all(this.partitions.map((assignment) => assignment.drain()));
    await this.commits.flush();
    this.revokeAll();
  }

  /** Revokes all assignments and ignores later batches. */
  retire(): void {
    this.closing = true;
    this.revokeAll();
  }

  private revokeAll(): void {
    // Otherwise the next owner of a partition would read committed records again.
    if (this.assignments.size > 0) void this.context.keeper.save();
    for (const [partition, assignment] of this.assignments) {
      assignment.revoke();
      this.context.onLoss(partition, false);
      const reread = assignment.pendingReread;
      if (reread) this.unfinishedRereads.set(partition, reread);
    }
    this.assignments = new Map();
    this.commits.clear();
  }

  /** Ends the consumer if it has stalled. Must be called every few seconds; see `Liveness`. */
  watch(ends: TopicWatermarks | undefined): void {
    const stall = this.liveness.stall(this.partitions, this.closing ? undefined : ends);
    if (stall) this.end({ cause: new Error(stall.what), passing: stall.fetching });
    for (const assignment of this.partitions)
      if (assignment.hasLongEnded(ends?.get(assignment.partition)?.high)) this.relocate(assignment);
  }

  private listen(): void {
    const { consumer } = this;
    const { GROUP_JOIN, REBALANCING, CRASH, FETCH, START_BATCH_PROCESS } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.assign(payload.memberAssignment[this.context.topic] ?? []);
    });
    consumer.on(REBALANCING, () => {
      this.liveness.isJoining();
      // The group accepts commits of the old generation until this member joins again.
      void this.commits.flushNow().then(() => this.context.keeper.save());
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
    this.unfinishedRereads.clear();
    this.liveness.hasJoined();
    for (const partition of partitions) {
      this.control.pause(partition);
      this.assignments.set(partition, this.newAssignment(partition));
    }
    void this.locator.locate(this.partitions);
  }

  private newAssignment(partition: number): Assignment {
    return new Assignment(this.context.topic, partition, {
      clock: this.context.clock,
      pause: (paused) => this.control.pause(paused),
      resume: (resumed) => this.control.resume(resumed),
      commit: (committed, position) => this.commits.add({ partition: committed, position }),
    });
  }

  /** Pauses the partition until its position is found. */
  private relocate(assignment: Assignment): void {
    if (this.locator.isLocating(assignment) || assignment.isWaiting) return;
    this.control.pause(assignment.partition);
    void this.locator.locate([assignment]);
  }

  private begin(located: Assignment, position: Position): void {
    const { partition } = located;
    const assignment = position.isCut && located.next !== undefined ? this.replace(located) : located;
    if (assignment.next === undefined) {
      assignment.begin(this.context.subscriber, position);
      if (position.isNew) assignment.commitAgain();
    } else {
      assignment.moveTo(position);
      // Commits only delivered records. kafkajs may have committed an offset of its own, without the losses.
      assignment.commitAgain();
    }
    void this.commits.flush();
    this.context.onLoss(partition, position.lost > 0);
    this.control.seek(partition, assignment.fetchOffset);
    this.control.resume(partition);
  }

  /** Replaces the assignment and its reader. A reader takes records in ascending order only, so it cannot go back. */
  private replace(assignment: Assignment): Assignment {
    const { partition } = assignment;
    assignment.revoke();
    const fresh = this.newAssignment(partition);
    this.assignments.set(partition, fresh);
    return fresh;
  }

  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    this.control.learnFrom(payload);
    const assignment = this.assignments.get(batch.partition);
    if (assignment?.next === undefined || this.closing) return;
    // The log no longer has the expected offset, has another record there, or the batch is of another generation.
    if (!assignment.expects(fetchedFrom(batch)) || !assignment.isSameLog(batch)) {
      this.relocate(assignment);
      return;
    }
    try {
      const last = batch.lastOffset();
      payload.resolveOffset(last);
      this.received ||= batch.messages.length > 0;
      await assignment.take(batch, Number(last));
    } catch (error) {
      this.context.logger.error('log.receive-failed', { error });
      // kafkajs considers the batch fetched, so only another consumer receives it again.
      this.end({ cause: error, passing: false });
    }
  }
}

/** Returns the offset that kafkajs fetched from, which its types do not declare. */
function fetchedFrom(batch: Batch & { readonly fetchedOffset?: string }): number {
  return Number(batch.fetchedOffset ?? batch.firstOffset() ?? 0);
}
