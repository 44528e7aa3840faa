import { logLevel, type LogEntry, type logCreator } from 'kafkajs';
import type { Logger } from '../../../application/ports/telemetry.js';

/** A line is left out if it repeats within this time: kafkajs logs every attempt of an outage. */
const REPEAT_AFTER_MS = 30_000;
const REMEMBERED_LINES = 200;

/**
 * Returns a log creator that writes kafkajs's lines to our log. Its errors become warnings, because it recovers from
 * most of them and we log the others ourselves; its other lines are logged at debug level.
 */
export function kafkaLogs(logger: Logger, elapsed: () => number = () => performance.now()): logCreator {
  const lastLoggedAt = new Map<string, number>();
  const isRepeated = (line: string): boolean => {
    const last = lastLoggedAt.get(line);
    if (last !== undefined && elapsed() - last < REPEAT_AFTER_MS) return true;
    if (lastLoggedAt.size >= REMEMBERED_LINES) lastLoggedAt.clear();
    lastLoggedAt.set(line, elapsed());
    return false;
  };
  return () =>
    ({ namespace, level, log }: LogEntry) => {
      const fields = fieldsOf(namespace, log);
      if (level !== logLevel.ERROR || isAnswer(namespace, log.message)) {
        if (logger.isDebugEnabled()) logger.debug('kafkajs', fields);
      } else if (!isRepeated(`${namespace} ${log.message}`)) logger.warn('kafkajs', fields);
    };
}

/** Reports whether the line is about a broker's error response. The caller handles those; a rebalance causes many. */
function isAnswer(namespace: string, text: string): boolean {
  return namespace === 'Connection' && text.startsWith('Response ');
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
