import { expect } from 'chai';
import {
  beginCorrection,
  beginReplay,
  discard,
  published,
  publicationRejected,
  STUCK_AFTER_MS,
  takeForJob,
  renewReplayLease,
} from '../../../../src/domain/failures/failure-actions.js';
import {
  failedAgain,
  firstFailure,
  resolvedByStoring,
  type FailedMessage,
} from '../../../../src/domain/failures/failed-message.js';
import type { StoredMessage } from '../../../../src/domain/message.js';
import type { Entry } from '../../../../src/domain/delivery/settlement.js';
import { aDelivery, aGroup, aLetter, deadLetterOf, identities } from '../../../support/builders.js';
import {
  CLIENT,
  decider,
  failureSweep,
  key,
  messageSweep,
  NOW,
  operator,
  WRITE_RULE,
  type WriteRule,
} from '../../../support/delivery/ledger/ledger-model.js';
import {
  committed,
  Transactions,
  type Actor,
  type Committed,
} from '../../../support/delivery/ledger/snapshot-isolation.js';
import { brokenInvariant } from './ledger-invariants.js';

const RULES = { messageMaxLength: 1_000, maxReplays: 5, leaseMs: 30_000 };
const LEASE = NOW - 1;
const LONG_AGO = NOW - 2 * STUCK_AFTER_MS;

const subject = aDelivery({ to: CLIENT });
const { message } = subject;
const { id } = message;
const otherContent = aDelivery({ ...message, message: 'something else' });
const toOther = aDelivery({ ...message, to: 'clientC' });
const neighbour = aDelivery({ to: CLIENT });

const failed = (replays = 0): FailedMessage =>
  firstFailure(aLetter({ ...message, replays }), LONG_AGO, aGroup);
const replaying = (from = failed(), at = LONG_AGO): FailedMessage => ({
  ...beginReplay(from, { id: `replay ${String(from.replays)}`, at, force: false }, RULES),
  lease: LEASE,
});
const isPublished = (failure: FailedMessage): FailedMessage => published(failure, LEASE, LONG_AGO)!;
const correcting = (): FailedMessage => {
  const act = { id: 'correction', at: LONG_AGO };
  return { ...beginCorrection(failed(), { message: 'better' }, act, RULES, identities), lease: LEASE };
};
const failedReplay = (): FailedMessage =>
  failedAgain(isPublished(replaying()), aLetter({ ...message, replays: 1 }), LONG_AGO, aGroup);

/** What a ledger may hold for an id. */
const STATES: Record<string, ReadonlyMap<string, unknown>> = {
  'it knows nothing': new Map(),
  'it is stored': stored(),
  'the id is stored with other content': stored(otherContent),
  'the id has failed with other content': failure({
    ...failed(),
    ...aLetter({ ...otherContent.message }),
  }),
  'it is unresolved': failure(failed()),
  'it is unresolved after a replay': failure(failedReplay()),
  'it is refused': failure({ ...failed(), disposition: 'refused' }),
  'a replay is not published yet': failure(replaying(failed(), NOW)),
  'a replay has not been published for long': failure(replaying()),
  'a replay is in flight': failure(isPublished(replaying(failed(), NOW))),
  'a replay has been in flight for long': failure(isPublished(replaying())),
  'a second replay is in flight': failure(isPublished(replaying(failedReplay()))),
  'it is being corrected': failure(correcting()),
  'it is superseded': failure(published(correcting(), LEASE, LONG_AGO)!),
  'it is discarded': failure(discard(failed(), { id: 'discard', at: LONG_AGO, force: false })),
  'it failed and was stored later': new Map([...stored(), ...failure(resolvedByStoring(replaying(), NOW))]),
};

/** The records about which transactions decide. */
const RECORDS: Record<string, Entry> = {
  original: subject,
  replay: { ...subject, replays: 1 },
  'second replay': { ...subject, replays: 2 },
  'dead letter': deadLetterOf(subject),
  'dead letter of a replay': deadLetterOf({ ...subject, replays: 1 }, { reason: 'again' }),
  'dead letter of a second replay': deadLetterOf({ ...subject, replays: 2 }, { reason: 'and again' }),
  'same id, other content': otherContent,
  'dead letter of the same id, other content': deadLetterOf(otherContent),
  'same id, other recipient': toOther,
  'another message': neighbour,
};

/** The actions of operators, bulk replays and the outbox. */
const ACTS: Record<string, (act: string, failure: FailedMessage) => FailedMessage | undefined> = {
  replay: (act, given) => beginReplay(given, { id: act, at: NOW, force: false }, RULES),
  'forced replay': (act, given) => beginReplay(given, { id: act, at: NOW, force: true }, RULES),
  correction: (act, given) =>
    beginCorrection(given, { message: 'corrected' }, { id: act, at: NOW }, RULES, identities),
  discard: (act, given) => discard(given, { id: act, at: NOW, force: false }),
  'forced discard': (act, given) => discard(given, { id: act, at: NOW, force: true }),
  'bulk replay': (act, given) =>
    takeForJob(given, { id: act, at: NOW, force: false, job: 'job' }, NOW, RULES),
  'note of publication': (_, given) => published(given, LEASE, NOW),
  'note of rejection': (_, given) =>
    publicationRejected(given, LEASE, { code: 'too-large', reason: 'It is too large.' }, NOW),
  'lease taken over': (_, given) => renewReplayLease(given, NOW, NOW + RULES.leaseMs),
};
const SWEEPS = { 'failure sweep': failureSweep, 'message sweep': messageSweep };

type Group = readonly [decider: string, second: string, third: string];

const recordNames = Object.keys(RECORDS);
const actNames = [...Object.keys(ACTS), ...Object.keys(SWEEPS)];
const pairs = (names: readonly string[]): [string, string][] =>
  names.flatMap((one, at) => names.slice(at).map((other): [string, string] => [one, other]));
const TWO_DECIDERS = pairs(recordNames).flatMap((two) => actNames.map((act): Group => [...two, act]));
const TWO_OPERATORS = recordNames.flatMap((one) => pairs(actNames).map((two): Group => [one, ...two]));

/** Returns a violation in an interleaving of three transactions; undefined if there is none. */
function violation(state: string, names: Group, rule: WriteRule): string | undefined {
  const actors = names.map((name, at) => actorOf(name, `${name} ${String(at)}`, rule));
  const transactions = new Transactions(actors);
  const start = committed(STATES[state]!);
  const serial = new Set(transactions.serialFinalStates(start));
  const fingerprints = new Set([...serial].map(fingerprint));
  for (const end of transactions.allFinalStates(start)) {
    const isSerial = serial.has(end) || fingerprints.has(fingerprint(end));
    const wrong = brokenInvariant(end, id) ?? (isSerial ? undefined : 'not serializable');
    if (wrong === undefined) continue;
    return `${wrong}: ${end.commits.map(({ by, result }) => `${by} ${result}`).join(', ')}`;
  }
  return undefined;
}

describe('The write rule of ledger transactions', function () {
  this.timeout(60_000);
  for (const state of Object.keys(STATES)) {
    it(`gives two decisions and an action the result of a serial order, when ${state}`, () => {
      for (const names of TWO_DECIDERS) expect(violation(state, names, WRITE_RULE)).to.equal(undefined);
    });

    it(`gives a decision and two actions the result of a serial order, when ${state}`, () => {
      for (const names of TWO_OPERATORS) expect(violation(state, names, WRITE_RULE)).to.equal(undefined);
    });
  }

  const broken: Record<string, readonly [rule: Partial<WriteRule>, state: string]> = {
    'decisions did not write the failure': [{ decision: ['inbox'] }, 'a replay has been in flight for long'],
    'decisions did not write the inbox': [{ decision: ['failure'] }, 'it knows nothing'],
    'actions did not write the failure': [{ action: [] }, 'a replay has been in flight for long'],
    'sweeps did not write the failure': [{ sweep: ['inbox'] }, 'it is refused'],
    'sweeps did not write the inbox': [{ sweep: ['failure'] }, 'it failed and was stored later'],
  };
  for (const [name, [rule, state]] of Object.entries(broken)) {
    it(`would not do so if ${name}, when ${state}`, () => {
      const groups = [...TWO_DECIDERS, ...TWO_OPERATORS];
      const found = groups.find((names) => violation(state, names, { ...WRITE_RULE, ...rule }));
      expect(found).not.to.equal(undefined);
    });
  }
});

function actorOf(name: string, unique: string, rule: WriteRule): Actor {
  const entry = RECORDS[name];
  if (entry) return decider(unique, entry, rule);
  const act = ACTS[name];
  if (act) return operator(unique, id, (given) => act(unique, given), rule);
  return SWEEPS[name as keyof typeof SWEEPS](id, rule);
}

const texts = new WeakMap<object, string>();

/** Returns the result of each transaction, and the documents afterwards. */
function fingerprint({ documents, commits }: Committed): string {
  const results = commits.map(({ by, result }) => `${by} ${result}`).sort();
  const there = [...documents].map(([name, { value }]) => `${name} ${textOf(value)}`).sort();
  return [...results, ...there].join('\n');
}

/** Caches the text of each document, because most documents are part of many final states. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const text = texts.get(value) ?? JSON.stringify(value);
  texts.set(value, text);
  return text;
}

function stored({ message: text, content } = subject): ReadonlyMap<string, unknown> {
  const value: StoredMessage = { ...text, content, number: 1, storedAt: LONG_AGO };
  return new Map<string, unknown>([
    [key.id(id), true],
    [key.stored(id), value],
    [key.inbox(text.to), { last: 1 }],
  ]);
}

function failure(value: FailedMessage): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    [key.id(id), true],
    [key.failure(id), value],
    [key.inbox(value.to), { last: 0 }],
  ]);
}
