import type {
  AssignedPartition,
  FeedConnection,
  FeedTopic,
  PartitionReader,
  RecordFeed,
  RecordSubscriber,
} from '../../../src/application/ports/record-feed.js';
import type { LogRecord } from '../../../src/application/ports/record-log.js';

interface Assignment {
  readonly reader: PartitionReader;
  position: number;
  revoked: boolean;
  pumping: boolean;
}

interface Member {
  readonly topic: FeedTopic['topic'];
  readonly subscriber: RecordSubscriber;
  readonly assignments: Map<number, Assignment>;
}

type Topic = FeedTopic['topic'];

/** A log whose batches, assignments and losses the test controls. One group per topic. */
export class SimulatedFeed implements RecordFeed {
  readonly records: Record<Topic, LogRecord[][]>;
  readonly committed: Record<Topic, number[]>;
  private readonly members: Member[] = [];

  constructor(
    partitions: number,
    private readonly batchSize: () => number,
    private readonly onCommit: (topic: Topic, partition: number, next: number) => void = () => undefined,
  ) {
    const perPartition = <T>(make: () => T): T[] => Array.from({ length: partitions }, make);
    this.records = { messages: perPartition(() => []), 'dead-letters': perPartition(() => []) };
    this.committed = { messages: perPartition(() => 0), 'dead-letters': perPartition(() => 0) };
  }

  append(
    topic: Topic,
    partition: number,
    record: Omit<LogRecord, 'offset' | 'partition' | 'topic'>,
  ): LogRecord {
    const log = this.records[topic][partition] as LogRecord[];
    const written = { ...record, topic, partition, offset: log.length };
    log.push(written);
    for (const member of this.members) if (member.topic === topic) this.pump(member, partition);
    return written;
  }

  subscribe({ topic }: FeedTopic, subscriber: RecordSubscriber): Promise<FeedConnection> {
    const member: Member = { topic, subscriber, assignments: new Map() };
    this.members.push(member);
    return Promise.resolve({ close: () => this.leave(member) });
  }

  /**
   * Assigns each partition to the member that `owner` names (by its index among those of the topic), and revokes it
   * from all others.
   */
  assign(owner: (partition: number, members: number) => number): void {
    for (const topic of ['messages', 'dead-letters'] as const) {
      const members = this.members.filter((member) => member.topic === topic);
      this.records[topic].forEach((_, partition) => {
        for (const member of members) revoke(member, partition);
        const chosen = members[owner(partition, members.length) % members.length];
        if (chosen) this.assignTo(chosen, partition);
      });
    }
  }

  /** Removes every member at once, without draining or committing. */
  crash(): void {
    for (const member of this.members.splice(0)) {
      for (const partition of [...member.assignments.keys()]) revoke(member, partition);
    }
  }

  private assignTo(member: Member, partition: number): void {
    const { topic } = member;
    const assigned: AssignedPartition = {
      topic,
      partition,
      commit: (next) => {
        if (assignment.revoked) return;
        this.onCommit(topic, partition, next);
        this.committed[topic][partition] = next;
      },
    };
    const position = this.committed[topic][partition] as number;
    const reader = member.subscriber.assigned(assigned);
    const assignment: Assignment = { reader, position, revoked: false, pumping: false };
    member.assignments.set(partition, assignment);
    this.pump(member, partition);
  }

  private pump(member: Member, partition: number): void {
    const assignment = member.assignments.get(partition);
    if (assignment === undefined || assignment.pumping) return;
    const log = this.records[member.topic][partition] as LogRecord[];
    const batch = log.slice(assignment.position, assignment.position + this.batchSize());
    if (batch.length === 0) return;
    assignment.pumping = true;
    assignment.position += batch.length;
    void assignment.reader.receive(batch).then(() => {
      assignment.pumping = false;
      if (!assignment.revoked) this.pump(member, partition);
    });
  }

  private async leave(member: Member): Promise<void> {
    await Promise.all([...member.assignments.values()].map(({ reader }) => reader.drain()));
    for (const partition of [...member.assignments.keys()]) revoke(member, partition);
    const index = this.members.indexOf(member);
    if (index >= 0) this.members.splice(index, 1);
  }
}

function revoke(member: Member, partition: number): void {
  const assignment = member.assignments.get(partition);
  if (assignment === undefined) return;
  assignment.revoked = true;
  member.assignments.delete(partition);
  assignment.reader.revoked();
}
