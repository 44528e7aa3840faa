import type { mongo } from 'mongoose';
import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import { failureFields, type MessageDocument } from '../schema/documents.js';

type Update = mongo.UpdateFilter<MessageDocument>;

/**
 * Returns an update that writes the fields of `stored` and the members of the failure that changed; all of them
 * without a `before`. The server then leaves the others alone in its indexes and the oplog, above all the record's
 * bytes and text, which never change. Comparing references is enough, because transitions keep the members that
 * they do not change.
 */
export function failureUpdate(
  before: FailedMessage | undefined,
  after: FailedMessage,
  stored: Partial<MessageDocument> = {},
): Update {
  if (before === undefined) return { $set: { ...stored, failure: failureFields(after) } };
  const [known, target]: Record<string, unknown>[] = [
    { ...failureFields(before) },
    { ...failureFields(after) },
  ];
  const $set: Record<string, unknown> = { ...stored };
  const $unset: Record<string, 1> = {};
  for (const name in target) {
    if (target[name] !== undefined && target[name] !== known?.[name]) $set[`failure.${name}`] = target[name];
  }
  for (const name in known) {
    if (known[name] !== undefined && target?.[name] === undefined) $unset[`failure.${name}`] = 1;
  }
  return {
    ...(Object.keys($set).length > 0 && { $set }),
    ...(Object.keys($unset).length > 0 && { $unset }),
  };
}
