import type { KafkaSettings } from '../kafka-settings.js';
import { limitOf, type TopicConfig } from './topic-config.js';

const DAY_MS = 86_400_000;

/** A topic as it should be; `config` by Kafka's own names. */
export interface PlannedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface ActualTopic {
  /** Of the whole cluster. */
  readonly brokers: number;
  /** Of the partition that has fewest. */
  readonly replication: number;
  readonly config: TopicConfig;
}

export interface Weakness {
  readonly setting: string;
  readonly is: string;
  readonly advised: string;
}

type Planning = Pick<KafkaSettings, 'topics' | 'partitions' | 'replication' | 'retentionDays'>;

export function planTopics({ topics, partitions, replication, retentionDays }: Planning): PlannedTopic[] {
  const planned = (name: string, retentionMs: number): PlannedTopic => ({
    name,
    partitions,
    replication,
    config: {
      'min.insync.replicas': String(Math.max(1, replication - 1)),
      'unclean.leader.election.enable': 'false',
      'cleanup.policy': 'delete',
      'retention.ms': String(retentionMs),
      'retention.bytes': '-1',
    },
  });
  return [planned(topics.messages, Math.round(retentionDays * DAY_MS)), planned(topics.deadLetters, -1)];
}

/** In what an existing topic promises less than the plan. What the broker does not tell is not judged. */
export function weaknesses(plan: PlannedTopic, actual: ActualTopic): Weakness[] {
  const found: Weakness[] = [];
  if (actual.replication < plan.replication)
    found.push({
      setting: 'replication',
      is: String(actual.replication),
      advised: String(plan.replication),
    });
  for (const [setting, advised] of Object.entries(plan.config)) {
    const is = actual.config[setting];
    if (is !== undefined && isWeaker(setting, is, advised)) found.push({ setting, is, advised });
  }
  return found;
}

function isWeaker(setting: string, is: string, advised: string): boolean {
  switch (setting) {
    case 'min.insync.replicas':
      return Number(is) < Number(advised);
    case 'retention.ms':
    case 'retention.bytes':
      return limitOf(is) < limitOf(advised);
    case 'cleanup.policy':
      // A compacted topic is refused; one without any policy is kept for longer than planned.
      return false;
    default:
      return is !== advised;
  }
}

/** Settings with which the loss of one broker loses acknowledged records, while others could hold them as well. */
export function risks({ brokers, replication, config }: ActualTopic): Weakness[] {
  if (replication === 1 && brokers > 1)
    return [{ setting: 'replication', is: '1', advised: String(Math.min(brokers, 3)) }];
  if (replication > 1 && config['min.insync.replicas'] === '1')
    return [{ setting: 'min.insync.replicas', is: '1', advised: '2' }];
  return [];
}
