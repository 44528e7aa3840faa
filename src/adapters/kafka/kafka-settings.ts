export interface KafkaClientSettings {
  /** `host:port`. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Enables TLS. PEM texts; without `ca`, the certificates that Node trusts. */
  readonly ssl?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

export interface KafkaSettings extends KafkaClientSettings {
  readonly topics: { readonly messages: string; readonly deadLetters: string };
  /** Whether to create missing topics, with the settings below. */
  readonly createTopics: boolean;
  readonly partitions: number;
  readonly replication: number;
  /** Of the message topic. Dead letters are kept without limit. */
  readonly retentionDays: number;
}
