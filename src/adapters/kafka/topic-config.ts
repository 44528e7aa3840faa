// Node finds not every name in this CommonJS package: this one is there on the default export only.
import kafkajs, { type Admin } from 'kafkajs';

/** A topic's settings as they are in effect, by Kafka's own names. */
export type TopicConfig = Readonly<Record<string, string | undefined>>;

export async function describeTopic(admin: Admin, topic: string): Promise<TopicConfig> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
  });
  const entries = resources[0]?.configEntries ?? [];
  return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
}

/** Kafka writes "without limit" as -1. */
export function limitOf(value: string): number {
  return Number(value) < 0 ? Infinity : Number(value);
}
