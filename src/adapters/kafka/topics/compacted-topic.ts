/**
 * Thrown if a topic is compacted. Compaction keeps only the last record of each key. Both topics are keyed by
 * recipient, so it would delete messages.
 */
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
