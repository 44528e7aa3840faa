import type { MessageId } from '../../domain/message.js';

/** Makes message ids that no other process makes. Ids of one process rise, also within one millisecond. */
export interface IdSource {
  next(now: number): MessageId;
}
