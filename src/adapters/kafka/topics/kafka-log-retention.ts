import { DependencyUnavailable } from '../../../application/errors.js';
import type { LogRetention } from '../../../application/ports/record-log.js';
import type { KafkaConnection } from '../kafka-connection.js';
import { errorKind, isForbidden } from '../kafka-errors.js';
import { describeTopic, limitOf, type TopicConfig } from './topic-config.js';

const DAY_MS = 86_400_000;

/** Reads the retention from the topic's current configuration, which may differ from the settings. */
export class KafkaLogRetention implements LogRetention {
  constructor(private readonly connection: Pick<KafkaConnection, 'ask' | 'settings' | 'logger'>) {}

  async ofMessages(): Promise<number> {
    const { settings, logger } = this.connection;
    const topic = settings.topics.messages;
    try {
      return retentionOf(await this.connection.ask((admin) => describeTopic(admin, topic)));
    } catch (error) {
      if (!isForbidden(error)) throw new DependencyUnavailable('log', error);
      // Without permission to read the configuration, assume the retention that we would create the topic with.
      logger.warn('log.retention-assumed', { topic, days: settings.retentionDays, kind: errorKind(error) });
      return settings.retentionDays * DAY_MS;
    }
  }
}

function retentionOf(config: TopicConfig): number {
  const isDeleted = config['cleanup.policy']?.includes('delete') ?? true;
  const retentionMs = config['retention.ms'];
  if (retentionMs === undefined) throw new Error('The broker does not tell the retention of the topic');
  return isDeleted ? limitOf(retentionMs) : Infinity;
}
