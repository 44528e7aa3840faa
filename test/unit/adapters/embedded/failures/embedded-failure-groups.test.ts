import { expect } from 'chai';
import { groupOf } from '../../../../../src/domain/failures/failure-group.js';
import { aDeadLetter, identities } from '../../../../support/builders.js';
import { EmbeddedFolder, embeddedLedger } from '../../../../support/embedded/embedded.js';

const FAILURES = 50_000;

describe('A large group of failures in an embedded store', () => {
  let folder: EmbeddedFolder;

  beforeEach(async () => {
    folder = await EmbeddedFolder.create();
  });
  afterEach(() => folder.remove());

  it('is counted in chunks, so that the process can do other work between them', async () => {
    const store = await folder.open();
    const { ledger, groups } = embeddedLedger(store, { now: () => 1_700_000_000_000 });
    const letter = aDeadLetter({ failedAt: 9_000_000 });
    await ledger.settle([letter]);
    const { key } = groupOf(letter.letter, identities);
    await store.write('store', () => {
      for (let at = 1; at < FAILURES; at += 1) {
        void store.tables.byGroup.put([key, 0, at, String(at).padStart(24, '0')], true);
      }
    });
    let turns = 0;
    let isCounting = true;
    const turn = (): void => {
      turns += 1;
      if (isCounting) setImmediate(turn);
    };
    setImmediate(turn);
    const [group] = await groups.groups();
    isCounting = false;
    expect(group).to.include({ count: FAILURES, first: 1, last: 9_000_000, sample: letter.letter.id });
    expect(turns).to.be.at.least(10);
  });
});
