// Node finds not every name in this CommonJS package: this one is there on the default export only.
import kafkajs, { type Admin } from 'kafkajs';

type ConfigEntry = Readonly<Record<'configName' | 'configValue', string>>;

/** What `describeTopic` asks of kafkajs's admin client. */
export interface ConfigAdmin {
  describeConfigs(options: Parameters<Admin['describeConfigs']>[0]): Promise<{
    readonly resources: readonly { readonly configEntries: readonly ConfigEntry[] }[];
  }>;
}

/** A topic's settings as they are in effect, by Kafka's own names. */
export type TopicConfig = Readonly<Record<string, string | undefined>>;

export async function describeTopic(admin: ConfigAdmin, topic: string): Promise<TopicConfig> {
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

/** Also where old segments are deleted beside it: `compact,delete`. */
export function isCompacted(cleanupPolicy: string): boolean {
  return cleanupPolicy.split(',').some((policy) => policy.trim() === 'compact');
}
