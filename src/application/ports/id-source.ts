import type { MessageId } from '../../domain/message.js';

/** Generates message ids that are unique across processes. The ids of one process ascend, also within a millisecond. */
export interface IdSource {
  next(now: number): MessageId;
}
