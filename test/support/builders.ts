import { createHash } from 'node:crypto';
import type { FailureGroup } from '../../src/domain/failures/failure-group.js';
import type { DeadLetter } from '../../src/domain/failures/failed-message.js';
import { Identities, type Sha256 } from '../../src/domain/identity.js';
import type { Message, MessageId } from '../../src/domain/message.js';
import type { Entry } from '../../src/domain/delivery/settlement.js';

export type DeliveryEntry = Extract<Entry, { kind: 'delivery' }>;
export type DeadLetterEntry = Extract<Entry, { kind: 'dead-letter' }>;

export const sha256: Sha256 = (text) => createHash('sha256').update(text).digest('hex');
export const identities = new Identities(sha256);

let lastId = 0;

/** Returns an id that increases with each call, and is unique in this process. */
export function anId(): MessageId {
  return (++lastId).toString(16).padStart(24, '0');
}

export function aMessage(overrides: Partial<Message> = {}): Message {
  return {
    id: anId(),
    from: 'clientA',
    to: 'clientB',
    message: 'hello',
    sentAt: 1_700_000_000_000,
    ...overrides,
  };
}

export function aDelivery(overrides: Partial<Message> & { replays?: number } = {}): DeliveryEntry {
  const { replays = 0, ...fields } = overrides;
  const message = aMessage(fields);
  return { kind: 'delivery', message, content: identities.contentOf(message), replays };
}

/** Returns a dead letter as the engine creates it for a message that is out of retries. */
export function aLetter(overrides: Partial<DeadLetter> = {}): DeadLetter {
  const { id, from, to, message: text, sentAt } = aMessage(overrides);
  const message = { id, from, to, message: text, sentAt };
  return {
    ...message,
    content: identities.contentOf(message),
    key: Buffer.from(message.to),
    value: Buffer.from(JSON.stringify(message)),
    truncated: false,
    reason: 'it would not be written',
    code: 'delivery-failed',
    disposition: 'exhausted',
    attempts: 4,
    failedAt: message.sentAt + 7_000,
    origin: { topic: 'client-messages', partition: 3, offset: 41, group: 'postrider-receiver' },
    replays: 0,
    ...overrides,
  };
}

/** For failures whose group does not matter. */
export const aGroup: FailureGroup = { key: 'a-group', reason: 'it would not be written' };

export function aDeadLetter(overrides: Partial<DeadLetter> = {}): DeadLetterEntry {
  return { kind: 'dead-letter', letter: aLetter(overrides) };
}

/** The dead letter of the same record if its delivery fails. */
export function deadLetterOf(
  { message, replays }: DeliveryEntry,
  overrides: Partial<DeadLetter> = {},
): DeadLetterEntry {
  return aDeadLetter({ ...message, replays, ...overrides });
}
