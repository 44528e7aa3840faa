import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { LogRecord } from '../../../application/ports/record-log.js';

export function logRecord(topic: string, partition: number, message: KafkaMessage): LogRecord {
  const { key, value, headers } = message;
  return {
    topic,
    partition,
    key,
    value,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    headers: textHeaders(headers),
  };
}

/** Decodes headers as text. If a header is repeated, its first value counts. */
function textHeaders(headers: IHeaders = {}): Record<string, string> {
  // Without a prototype, a header named `__proto__` is an ordinary property.
  const texts = Object.create(null) as Record<string, string>;
  for (const name of Object.keys(headers)) {
    const values = headers[name];
    const value = Array.isArray(values) ? values[0] : values;
    if (value !== undefined) texts[name] = typeof value === 'string' ? value : value.toString('utf8');
  }
  return texts;
}
