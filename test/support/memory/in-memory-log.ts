import type { Clock } from '../../../src/application/ports/clock.js';
import type {
  FeedConnection,
  FeedTopic,
  RecordFeed,
  RecordSubscriber,
} from '../../../src/application/ports/record-feed.js';
import { InMemoryGroup } from './in-memory-group.js';
import { InMemoryTopic } from './in-memory-topic.js';

/** Both topics of the log in arrays, and the groups that read them: for unit tests. */
export class InMemoryLog implements RecordFeed {
  readonly messages: InMemoryTopic;
  readonly deadLetters: InMemoryTopic;
  private readonly groups = new Map<string, InMemoryGroup>();

  constructor(clock: Pick<Clock, 'now'>, partitions = 3) {
    this.messages = new InMemoryTopic('messages', clock, partitions);
    this.deadLetters = new InMemoryTopic('dead-letters', clock, partitions);
  }

  subscribe({ topic, group }: FeedTopic, subscriber: RecordSubscriber): Promise<FeedConnection> {
    const name = `${topic} ${group}`;
    const members = this.groups.get(name) ?? new InMemoryGroup(this.topic(topic));
    this.groups.set(name, members);
    return Promise.resolve(members.join(subscriber));
  }

  /** The offset at which a group continues after a restart; 0 if it has committed nothing. */
  committed({ topic, group }: FeedTopic, partition: number): number {
    return this.groups.get(`${topic} ${group}`)?.committed(partition) ?? 0;
  }

  private topic(topic: FeedTopic['topic']): InMemoryTopic {
    return topic === 'messages' ? this.messages : this.deadLetters;
  }
}
