// `ConfigResourceTypes` is on the default export only: Node does not detect every name of this CommonJS package.
import kafkajs, { type Admin } from 'kafkajs';

type ConfigEntry = Readonly<Record<'configName' | 'configValue', string>>;

/** The part of kafkajs's admin client that `describeTopic` uses. */
export interface ConfigAdmin {
  describeConfigs(options: Parameters<Admin['describeConfigs']>[0]): Promise<{
    readonly resources: readonly { readonly configEntries: readonly ConfigEntry[] }[];
  }>;
}

/** A topic's effective settings, by Kafka's names. */
export type TopicConfig = Readonly<Record<string, string | undefined>>;

export async function describeTopic(admin: ConfigAdmin, topic: string): Promise<TopicConfig> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
  });
  const entries = resources[0]?.configEntries ?? [];
  return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
}

/** Parses a limit. Kafka writes "without limit" as -1. */
export function limitOf(value: string): number {
  return Number(value) < 0 ? Infinity : Number(value);
}

/** Reports whether the policy includes compaction, also together with deletion: `compact,delete`. */
export function isCompacted(cleanupPolicy: string): boolean {
  return cleanupPolicy.split(',').some((policy) => policy.trim() === 'compact');
}
