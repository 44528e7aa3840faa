import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { LogRecord } from '../../application/ports/record-log.js';

export function logRecord(topic: string, partition: number, message: KafkaMessage): LogRecord {
  const { key, value, offset, timestamp, headers } = message;
  return {
    ...{ topic, partition, key, value },
    offset: Number(offset),
    timestamp: Number(timestamp),
    headers: headers === undefined ? {} : textHeaders(headers),
  };
}

/** Kafka's headers are bytes, and may be repeated: of those the first one counts, as text. */
function textHeaders(headers: IHeaders): Record<string, string> {
  const texts: [string, string][] = [];
  for (const [name, values] of Object.entries(headers)) {
    const value = Array.isArray(values) ? values[0] : values;
    if (value !== undefined) texts.push([name, typeof value === 'string' ? value : value.toString('utf8')]);
  }
  // Also for a header named __proto__ this makes a member of its own.
  return Object.fromEntries(texts);
}
