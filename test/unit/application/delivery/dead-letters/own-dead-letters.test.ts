import { expect } from 'chai';
import { OwnDeadLetters } from '../../../../../src/application/delivery/dead-letters/own-dead-letters.js';
import { DependencyUnavailable } from '../../../../../src/application/errors.js';
import { idOf, type Entry, type Outcome } from '../../../../../src/domain/delivery/settlement.js';
import { aDelivery, aLetter } from '../../../../support/builders.js';

const entryOf = (letter = aLetter()): Entry => ({ kind: 'dead-letter', letter });
const turn = (): Promise<void> => new Promise(setImmediate);

describe('A process that reads its own dead letters from the topic', () => {
  let asked: (readonly Entry[])[];
  let settling: Promise<void>;
  let letters: OwnDeadLetters;
  let outcomeOf: (entry: Entry) => Outcome;

  const settle = async (entries: readonly Entry[]): Promise<readonly Outcome[]> => {
    asked.push(entries);
    await settling;
    return entries.map(outcomeOf);
  };

  beforeEach(() => {
    asked = [];
    outcomeOf = (entry) => ({ kind: 'recorded', id: idOf(entry) });
    settling = Promise.resolve();
    letters = new OwnDeadLetters({ settle }, 3);
  });

  it('does not call the ledger for those that it has recorded', async () => {
    const [own, delivery, other] = [entryOf(), aDelivery(), entryOf()];
    expect(await letters.settleOwn([own, delivery])).to.have.length(2);
    const outcomes = await letters.settleRead([other, own]);
    expect(outcomes.map(({ kind }) => kind)).to.deep.equal(['recorded', 'duplicate']);
    expect(asked).to.deep.equal([[own, delivery], [other]]);
    expect(await letters.settleRead([own])).to.deep.equal([{ kind: 'duplicate' }]);
    expect(asked).to.have.length(2);
  });

  it('waits for those that it is recording', async () => {
    let end: () => void = () => undefined;
    settling = new Promise((resolve) => (end = resolve));
    const own = entryOf();
    const recording = letters.settleOwn([own]);
    let outcomes: readonly Outcome[] | undefined;
    void letters.settleRead([own]).then((found) => (outcomes = found));
    await turn();
    expect(outcomes).to.equal(undefined);
    end();
    await recording;
    await turn();
    expect(outcomes).to.deep.equal([{ kind: 'duplicate' }]);
    expect(asked).to.have.length(1);
  });

  it('asks the ledger about those that it could not record', async () => {
    settling = Promise.reject(new DependencyUnavailable('store', new Error('down')));
    const own = entryOf();
    const recording = letters.settleOwn([own]).catch(() => 'failed');
    settling = Promise.resolve();
    const read = letters.settleRead([own]);
    expect(await recording).to.equal('failed');
    expect(await read).to.deep.equal([{ kind: 'recorded', id: idOf(own) }]);
    expect(asked).to.have.length(2);
  });

  it('asks the ledger about those that were not written because their recipient was deferred', async () => {
    const own = entryOf();
    outcomeOf = () => ({ kind: 'deferred' });
    await letters.settleOwn([own]);
    await letters.settleRead([own]);
    expect(asked).to.deep.equal([[own], [own]]);
  });

  it('asks the ledger about other content and another replay under the same id', async () => {
    const letter = aLetter();
    await letters.settleOwn([entryOf(letter)]);
    const others = [entryOf({ ...letter, content: 'other' }), entryOf({ ...letter, replays: 1 })];
    await letters.settleRead(others);
    expect(asked.at(-1)).to.deep.equal(others);
  });

  it('forgets the oldest', async () => {
    const own = [entryOf(), entryOf(), entryOf(), entryOf()];
    for (const entry of own) await letters.settleOwn([entry]);
    await letters.settleRead(own);
    expect(asked.at(-1)).to.deep.equal([own[0]]);
  });
});
