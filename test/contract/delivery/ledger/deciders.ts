import { expect } from 'chai';
import type { Ledger } from '../../../../src/application/ports/ledger.js';
import { InMemoryLedger } from '../../../support/memory/in-memory-ledger.js';
import { OPEN_STATES, type FailedMessage } from '../../../../src/domain/failures/failed-message.js';
import { aDelivery, deadLetterOf, identities, type DeliveryEntry } from '../../../support/builders.js';
import { STATES, STATE_NAMES, type StateName } from './states.js';
import {
  inbox,
  inMemoryHandle,
  plain,
  useStore,
  type LedgerHandle,
  type LedgerStoreFactory,
} from './store.js';

type Decider = (ledger: Ledger, subject: DeliveryEntry) => Promise<unknown>;

const amendFrom =
  (from: string, change: (failure: FailedMessage) => FailedMessage): Decider =>
  async (ledger, { message }) => {
    const amended = await ledger.amend(message.id, (f) => (f.state === from ? change(f) : undefined));
    return amended?.state;
  };

/** Every operation that may decide about one id concurrently. */
const DECIDERS: Record<string, Decider> = {
  delivery: (ledger, subject) => ledger.settle([{ ...subject, replays: 0 }]),
  'delivery of a replay': (ledger, subject) => ledger.settle([subject]),
  'dead letter': (ledger, subject) => ledger.settle([deadLetterOf(subject, { replays: 0 })]),
  'dead letter of a replay': (ledger, subject) => ledger.settle([deadLetterOf(subject)]),
  replay: amendFrom('unresolved', (f) => ({ ...f, state: 'replaying', replays: f.replays + 1 })),
  discard: amendFrom('unresolved', (f) => ({ ...f, state: 'discarded' })),
  correction: amendFrom('unresolved', (f) => ({ ...f, state: 'correcting' })),
  'discard by force': amendFrom('replaying', (f) => ({ ...f, state: 'discarded' })),
};

const PAIRS = Object.keys(DECIDERS).flatMap((a, i, names) => names.slice(i).map((b) => [a, b] as const));

/** Checks that two concurrent operations have the result of running them one after the other, in either order. */
export function deciders(factory: LedgerStoreFactory): void {
  const used = useStore(factory);

  for (const state of STATE_NAMES) {
    it(`serialises every pair of concurrent decisions when ${state}`, async () => {
      const handles = [used.store, await used.store.other()] as const;
      for (const [a, b] of PAIRS) {
        const result = await race(handles, state, a, b);
        const serial = [await oneByOne(used.clock, state, a, b), await oneByOne(used.clock, state, b, a)];
        expect(serial, `${a} and ${b}`).to.deep.include(result);
      }
    });
  }
}

/**
 * What each operation returned, by name, and the state afterwards. Ids are omitted, because each race has its
 * own.
 */
interface Result {
  readonly said: readonly string[];
  readonly known: unknown;
  readonly inInbox: number;
}

async function race(
  [left, right]: readonly [LedgerHandle, LedgerHandle],
  state: StateName,
  a: string,
  b: string,
): Promise<Result> {
  const subject = aDelivery({ replays: 1 });
  const apart = aDelivery({ ...subject.message, to: subject.message.id, replays: 1 });
  await STATES[state](left.ledger, apart);
  const [saidByA, saidByB] = await Promise.all([
    soon().then(() => decide(a, left.ledger, apart)),
    soon().then(() => decide(b, right.ledger, apart)),
  ]);
  return resultOf(left, apart, said(a, saidByA, b, saidByB));
}

/**
 * Waits for a few iterations of the event loop, so that the two operations interleave differently each time.
 */
async function soon(): Promise<void> {
  for (let turns = Math.random() * 50; turns > 0; turns--) await new Promise(setImmediate);
}

async function oneByOne(clock: { now(): number }, state: StateName, a: string, b: string): Promise<Result> {
  const ledger = new InMemoryLedger(clock, identities);
  const subject = aDelivery({ to: 'someone', replays: 1 });
  await STATES[state](ledger, subject);
  const saidByA = await decide(a, ledger, subject);
  const saidByB = await decide(b, ledger, subject);
  return resultOf(inMemoryHandle(ledger), subject, said(a, saidByA, b, saidByB));
}

function decide(name: string, ledger: Ledger, subject: DeliveryEntry): Promise<unknown> {
  const decider = DECIDERS[name];
  if (!decider) throw new Error(`no decider ${name}`);
  return decider(ledger, subject);
}

async function resultOf(
  { archive, reader }: LedgerHandle,
  { message }: DeliveryEntry,
  whatWasSaid: readonly string[],
): Promise<Result> {
  const known = (await archive.known([message.id])).get(message.id);
  expect(known?.stored === true && OPEN_STATES.includes(known.failure?.state ?? 'resolved')).to.equal(false);
  const inInbox = (await inbox(reader, message.to)).length;
  expect(inInbox).to.equal(known?.stored === true ? 1 : 0);
  const { state, replays, failures, resolution, recordedAt } = known?.failure ?? {};
  return {
    said: whatWasSaid,
    inInbox,
    known: plain({ stored: known?.stored, state, replays, failures, resolution, recordedAt }),
  };
}

/**
 * Returns the results sorted by operation, because it does not matter which of two equal operations came
 * first.
 */
function said(a: string, saidByA: unknown, b: string, saidByB: unknown): readonly string[] {
  return [`${a}: ${kindsOf(saidByA)}`, `${b}: ${kindsOf(saidByB)}`].sort();
}

const kindsOf = (answer: unknown): string =>
  Array.isArray(answer) ? answer.map((outcome: { kind: string }) => outcome.kind).join(' ') : String(answer);
