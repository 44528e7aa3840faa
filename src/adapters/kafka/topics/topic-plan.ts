import type { KafkaSettings } from '../kafka-settings.js';
import { limitOf, type TopicConfig } from './topic-config.js';

const DAY_MS = 86_400_000;

/** The settings that a topic should have. `config` uses Kafka's names. */
export interface PlannedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface ActualTopic {
  /** The number of brokers in the cluster. */
  readonly brokers: number;
  /** The number of replicas of the partition that has the fewest. */
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

/** Returns the settings that are weaker than planned. Skips settings that the broker does not report. */
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
      // Compacted topics are rejected before this. Without any policy, records are kept longer than planned.
      return false;
    default:
      return is !== advised;
  }
}

/** Returns the settings with which losing one broker loses acknowledged records that others could also hold. */
export function risks({ brokers, replication, config }: ActualTopic): Weakness[] {
  if (replication === 1 && brokers > 1)
    return [{ setting: 'replication', is: '1', advised: String(Math.min(brokers, 3)) }];
  if (replication > 1 && config['min.insync.replicas'] === '1')
    return [{ setting: 'min.insync.replicas', is: '1', advised: '2' }];
  return [];
}
