import { expect } from 'chai';
import sinon from 'sinon';
import { all } from '../../../../contract/delivery/ledger/store.js';
import { aDeadLetter } from '../../../../support/builders.js';
import { EmbeddedFolder, embeddedLedger } from '../../../../support/embedded/embedded.js';

describe('An embedded list of failures', () => {
  let folder: EmbeddedFolder;

  beforeEach(async () => {
    folder = await EmbeddedFolder.create();
  });
  afterEach(async () => {
    await folder.remove();
  });

  for (const filter of [{ to: 'to 1' }, { from: 'from 1' }, { from: 'from 1', to: 'to 1' }]) {
    it(`of ${JSON.stringify(filter)} reads only matching rows, and only those in the requested states`, async () => {
      const store = await folder.open();
      const { ledger, archive } = embeddedLedger(store, { now: Date.now });
      const letters = Array.from({ length: 100 }, (_, n) =>
        aDeadLetter({ from: `from ${String(n % 10)}`, to: `to ${String(n % 10)}` }),
      );
      await ledger.settle(letters);
      await ledger.amend(letters[1]?.letter.id ?? '', (failure) => ({ ...failure, state: 'discarded' }));
      const reads = sinon.spy(store.tables.messages, 'get');
      expect(await all(archive.failures({ states: ['unresolved'], ...filter }))).to.have.lengthOf(9);
      expect(reads.callCount).to.equal(9);
    });
  }
});
