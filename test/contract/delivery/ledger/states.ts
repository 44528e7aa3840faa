import type { Ledger } from '../../../../src/application/ports/ledger.js';
import type { FailedMessage, FailureState } from '../../../../src/domain/failures/failed-message.js';
import { aDelivery, deadLetterOf, type DeliveryEntry } from '../../../support/builders.js';

/** Brings a ledger that does not know a message into one state of the fate table. */
export type Seed = (ledger: Ledger, subject: DeliveryEntry) => Promise<unknown>;

const failed =
  (replays: number): Seed =>
  (ledger, subject) =>
    ledger.settle([deadLetterOf(subject, { replays })]);

const failedAndThen =
  (replays: number, state: FailureState, more: Partial<FailedMessage> = {}): Seed =>
  async (ledger, subject) => {
    await failed(replays)(ledger, subject);
    await ledger.amend(subject.message.id, (failure) => ({ ...failure, ...more, state }));
  };

const otherContent = (subject: DeliveryEntry): DeliveryEntry =>
  aDelivery({ ...subject.message, message: `not: ${subject.message.message}` });

/** Every row of the fate table, for a record that has been replayed once. */
export const STATES = {
  'the id is unknown': () => Promise.resolve(),
  'the id is stored with other content': (ledger, subject) => ledger.settle([otherContent(subject)]),
  'the id has failed with other content': (ledger, subject) => failed(1)(ledger, otherContent(subject)),
  'it is stored': (ledger, subject) => ledger.settle([subject]),
  'it failed and was stored later': async (ledger, subject) => {
    await failedAndThen(1, 'replaying')(ledger, subject);
    await ledger.settle([subject]);
  },
  'it is superseded': failedAndThen(1, 'resolved', { resolution: 'superseded' }),
  'it is discarded': failedAndThen(1, 'discarded'),
  'it is being corrected': failedAndThen(1, 'correcting'),
  'it is unresolved after this replay': failed(1),
  'it is unresolved after a later replay': failed(2),
  'a later replay is in flight': failedAndThen(2, 'replaying'),
  'this replay is in flight': failedAndThen(1, 'replaying'),
  'it is unresolved after an earlier replay': failed(0),
  'an earlier replay is in flight': failedAndThen(0, 'replaying'),
} as const satisfies Record<string, Seed>;

export type StateName = keyof typeof STATES;
export const STATE_NAMES = Object.keys(STATES) as readonly StateName[];
