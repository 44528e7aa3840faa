/** Compaction keeps only the last record of each key, and both topics are keyed by recipient: it deletes messages. */
export class CompactedTopic extends Error {
  override readonly name = 'CompactedTopic';

  constructor(topic: string, policy: string) {
    super(
      `The topic ${topic} has cleanup.policy=${policy}, which deletes all but the last message of each recipient. ` +
        'Change it with: kafka-configs.sh --bootstrap-server … --alter --entity-type topics ' +
        `--entity-name ${topic} --add-config cleanup.policy=delete`,
    );
  }
}
