import type { LogEntry, logCreator } from 'kafkajs';
import type { Logger } from '../../../application/ports/telemetry.js';

/**
 * Returns a log creator that writes kafkajs's lines to our log, at debug level: kafkajs recovers from most errors and
 * logs every attempt, and the adapters log what an operator must know.
 */
export function kafkaLogs(logger: Logger): logCreator {
  return () =>
    ({ namespace, log }: LogEntry) => {
      if (logger.isDebugEnabled()) logger.debug('kafkajs', fieldsOf(namespace, log));
    };
}

const KEPT_FIELDS = [
  'broker',
  'groupId',
  'memberId',
  'topic',
  'partition',
  'error',
  'retryCount',
  'retryTime',
];

/** Leaves out stacks and fields that may be large. */
function fieldsOf(namespace: string, log: LogEntry['log']): Record<string, unknown> {
  const keptFields = KEPT_FIELDS.filter((name) => log[name] !== undefined).map((name) => {
    const value: unknown = log[name];
    return [name, value instanceof Error ? value.message : value] as const;
  });
  return { part: namespace, text: log.message, ...Object.fromEntries(keptFields) };
}
