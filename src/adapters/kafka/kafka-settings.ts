export interface KafkaClientSettings {
  /** `host:port`. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** TLS; empty: with the certificates that Node trusts. PEM texts. */
  readonly ssl?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

export interface KafkaSettings extends KafkaClientSettings {
  readonly topics: { readonly messages: string; readonly deadLetters: string };
  /** Create topics that are missing, as the rest says. */
  readonly createTopics: boolean;
  readonly partitions: number;
  readonly replication: number;
  /** Of messages; dead letters are kept without limit. */
  readonly retentionDays: number;
}
