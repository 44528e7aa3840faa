import { logLevel, type LogEntry, type logCreator } from 'kafkajs';
import type { Logger } from '../../../application/ports/logger.js';

/** The same line again within this time is left out: kafkajs repeats itself at each attempt of an outage. */
const REPEAT_AFTER_MS = 30_000;
const REMEMBERED_LINES = 200;

/**
 * What kafkajs says, for our log. What it calls an error it mostly mends by itself, and what it does not we log
 * ourselves: so its errors are warnings here, and the rest is for debugging.
 */
export function kafkaLogs(logger: Logger, elapsed: () => number = () => performance.now()): logCreator {
  const lastSaid = new Map<string, number>();
  const isRepeated = (line: string): boolean => {
    const last = lastSaid.get(line);
    if (last !== undefined && elapsed() - last < REPEAT_AFTER_MS) return true;
    if (lastSaid.size >= REMEMBERED_LINES) lastSaid.clear();
    lastSaid.set(line, elapsed());
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

/** An answer that whoever asked for it deals with: most of them are the course of things in a rebalance. */
function isAnswer(namespace: string, text: string): boolean {
  return namespace === 'Connection' && text.startsWith('Response ');
}

const KEPT = ['broker', 'groupId', 'memberId', 'topic', 'partition', 'error', 'retryCount', 'retryTime'];

/** Without stacks, and without what may be large. */
function fieldsOf(namespace: string, log: LogEntry['log']): Record<string, unknown> {
  const kept = KEPT.filter((name) => log[name] !== undefined).map((name) => {
    const value: unknown = log[name];
    return [name, value instanceof Error ? value.message : value] as const;
  });
  return { part: namespace, text: log.message, ...Object.fromEntries(kept) };
}
