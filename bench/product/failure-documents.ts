import { mongo } from 'mongoose';
import {
  documentId,
  failureFields,
  type MessageDocument,
} from '../../src/adapters/mongodb/schema/documents.js';
import { sha256 } from '../../src/adapters/codec/sha256.js';
import { groupOf } from '../../src/domain/failures/failure-group.js';
import { firstFailure, type DeadLetter } from '../../src/domain/failures/failed-message.js';
import { Identities } from '../../src/domain/identity.js';
import { messageJson, recipientOf, textOf } from '../load/payload.js';

const FIRST_FAILED_AT = Date.UTC(2026, 0, 1);
const identities = new Identities(sha256);

/** The dead letter of a message whose retries are exhausted. */
export function deadLetter(index: number, recipients: number, groups: number): DeadLetter {
  const id = new mongo.ObjectId().toHexString();
  const texts = { from: 'bench', to: recipientOf(index, recipients), message: textOf(index) };
  const content = identities.contentOf(texts);
  const code = `cause-${String(index % groups)}`;
  return {
    ...{ ...texts, id, sentAt: FIRST_FAILED_AT + index, content },
    ...{ key: Buffer.from(texts.to), value: Buffer.from(messageJson(index, recipients)), truncated: false },
    ...{ reason: `Attempt ${String(index)} failed.`, code, disposition: 'exhausted' as const, attempts: 4 },
    ...{ failedAt: FIRST_FAILED_AT + index, replays: 0 },
  };
}

/** The document of a failed message whose retries are exhausted. */
export function failureDocument(index: number, recipients: number, groups: number): MessageDocument {
  const letter = deadLetter(index, recipients, groups);
  return {
    _id: documentId(letter.id),
    content: letter.content,
    failure: failureFields(firstFailure(letter, FIRST_FAILED_AT + index, groupOf(letter, identities))),
  };
}
