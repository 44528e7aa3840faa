import { expect } from 'chai';
import type { FailedMessage } from '../../../../src/domain/failures/failed-message.js';
import type { Known } from '../../../../src/domain/delivery/fate.js';
import { aDelivery, deadLetterOf, identities } from '../../../support/builders.js';
import { STATES, STATE_NAMES, type StateName } from './states.js';
import { inbox, plain, useStore, type LedgerHandle, type LedgerStoreFactory } from './store.js';

type Expected =
  'stored' | 'stored and resolved' | 'duplicate' | 'reused' | 'inserted' | 'reopened' | 'own failure';

/** The expected results of delivering a record and of recording a dead letter, in each state. */
const FATES: Record<StateName, readonly [delivery: Expected, deadLetter: Expected]> = {
  'the id is unknown': ['stored', 'inserted'],
  'the id is stored with other content': ['reused', 'own failure'],
  'the id has failed with other content': ['reused', 'own failure'],
  'it is stored': ['duplicate', 'duplicate'],
  'it failed and was stored later': ['duplicate', 'duplicate'],
  'it is superseded': ['duplicate', 'duplicate'],
  'it is discarded': ['duplicate', 'duplicate'],
  'it is being corrected': ['duplicate', 'duplicate'],
  'it is unresolved after this replay': ['duplicate', 'duplicate'],
  'it is unresolved after a later replay': ['duplicate', 'duplicate'],
  'a later replay is in flight': ['duplicate', 'duplicate'],
  'this replay is in flight': ['stored and resolved', 'reopened'],
  'it is unresolved after an earlier replay': ['stored and resolved', 'reopened'],
  'an earlier replay is in flight': ['stored and resolved', 'reopened'],
};

export function fateTable(factory: LedgerStoreFactory): void {
  const used = useStore(factory);

  for (const name of STATE_NAMES) {
    const [delivery, deadLetter] = FATES[name];

    it(`${delivery}: a record to deliver when ${name}`, async () => {
      await decide(used.store, name, 'delivery', delivery);
    });

    it(`${deadLetter}: a dead letter to record when ${name}`, async () => {
      await decide(used.store, name, 'dead-letter', deadLetter);
    });
  }

  it('leaves the numbers of an inbox unchanged when a dead letter reopens its failure under an invalid name', async () => {
    const { ledger, reader } = used.store;
    const subject = aDelivery({ to: 'clientB', replays: 1 });
    await STATES['this replay is in flight'](ledger, subject);
    await ledger.settle([aDelivery({ to: 'clientB' }), aDelivery({ to: 'clientB' })]);
    // It has the same content, in which names are trimmed, but belongs to another inbox.
    const letter = deadLetterOf(subject, { to: 'clientB ' });
    expect(await ledger.settle([letter])).to.deep.equal([{ kind: 'recorded', id: subject.message.id }]);
    expect(await ledger.settle([aDelivery({ to: 'clientB' })])).to.deep.equal([
      { kind: 'stored', number: 3 },
    ]);
    expect((await inbox(reader, 'clientB')).map(({ number }) => number)).to.deep.equal([1, 2, 3]);
  });
}

async function decide(
  store: LedgerHandle,
  state: StateName,
  kind: 'delivery' | 'dead-letter',
  expected: Expected,
): Promise<void> {
  const subject = aDelivery({ replays: 1 });
  const { id } = subject.message;
  await STATES[state](store.ledger, subject);
  const before = (await store.archive.known([id])).get(id);

  const entry = kind === 'delivery' ? subject : deadLetterOf(subject, { reason: 'again', attempts: 2 });
  const outcomes = await store.ledger.settle([entry]);

  const derived = identities.ofReusedId(id, subject.content);
  const after = (await store.archive.known([id])).get(id);
  const unchanged = (): void => {
    expect(plain(after)).to.deep.equal(plain(before));
  };
  switch (expected) {
    case 'stored':
    case 'stored and resolved':
      expect(outcomes).to.deep.equal([{ kind: 'stored', number: 1 }]);
      await expectStored(store, subject.message.to, after, before?.failure);
      break;
    case 'duplicate':
      expect(outcomes).to.deep.equal([{ kind: 'duplicate' }]);
      unchanged();
      break;
    case 'reused':
      expect(outcomes).to.deep.equal([{ kind: 'reused', id: derived }]);
      unchanged();
      expect(await store.archive.find(derived)).to.equal(undefined);
      break;
    case 'inserted':
    case 'reopened':
      expect(outcomes).to.deep.equal([{ kind: 'recorded', id }]);
      expectFailed(after, before?.failure);
      break;
    case 'own failure': {
      expect(outcomes).to.deep.equal([{ kind: 'recorded', id: derived }]);
      unchanged();
      const own = (await store.archive.known([derived])).get(derived);
      expect(own).to.deep.include({ stored: false, content: subject.content });
      expect(own?.failure).to.include({ id: derived, conflictsWith: id, state: 'unresolved', failures: 1 });
    }
  }
}

async function expectStored(
  { reader }: LedgerHandle,
  client: string,
  known: Known | undefined,
  before: FailedMessage | undefined,
): Promise<void> {
  expect(known).to.include({ stored: true });
  expect(await inbox(reader, client)).to.have.lengthOf(1);
  if (before === undefined) {
    expect(known).not.to.have.property('failure');
    return;
  }
  expect(known?.failure).to.include({ state: 'resolved', resolution: 'stored', failures: before.failures });
  expect(known?.failure?.history.map(({ event }) => event)).to.deep.equal(['failed', 'stored']);
}

function expectFailed(known: Known | undefined, before: FailedMessage | undefined): void {
  expect(known).to.include({ stored: false });
  const failures = (before?.failures ?? 0) + 1;
  expect(known?.failure).to.include({
    state: 'unresolved',
    replays: 1,
    failures,
    reason: 'again',
    attempts: 2,
  });
  expect(known?.failure?.history).to.have.lengthOf(failures);
}
