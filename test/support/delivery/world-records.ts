import type { NewRecord } from '../../../src/application/ports/record-log.js';
import type { Message } from '../../../src/domain/message.js';
import { partitionOf, type DeliveryWorld } from './delivery-world.js';
import { aMessage } from '../builders.js';

export function recordOf(world: DeliveryWorld, message: Message): NewRecord {
  return world.codec.encode(message, {});
}

/** Appends a message to its recipient's partition, and returns it. */
export function appendMessage(world: DeliveryWorld, overrides: Partial<Message> = {}): Message {
  const message = aMessage(overrides);
  appendRaw(world, message.to, recordOf(world, message));
  return message;
}

export function appendRaw(world: DeliveryWorld, to: string, record: NewRecord): void {
  world.feed.append('messages', partitionOf(to), { ...record, timestamp: world.clock.now() });
}
