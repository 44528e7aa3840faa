import { expect } from 'chai';
import { EMPTY_INBOX } from '../../../src/domain/inbox/inbox.js';
import { aDeadLetter, aDelivery } from '../../support/builders.js';
import { textsOf, useStore, type LedgerStoreFactory } from '../delivery/ledger/store.js';

/**
 * Tests the obligations of an inbox reader; see the port. The ledger's suite tests that readers miss nothing
 * while writers write.
 */
export function inboxReaderContract(name: string, factory: LedgerStoreFactory): void {
  describe(`${name} as an inbox reader`, () => {
    const used = useStore(factory);

    beforeEach(async () => {
      const messages = Array.from({ length: 12 }, (_, i) =>
        aDelivery({ message: String(i + 1), sentAt: 5_000 - i }),
      );
      await used.store.ledger.settle([aDelivery({ to: 'other' }), aDeadLetter(), ...messages]);
    });

    const page = async (after: number, limit: number, client = 'clientB'): Promise<string> =>
      textsOf(await used.store.reader.page(client, after, limit)).join(' ');

    it('starts at the beginning', async () => {
      expect(await page(0, 3)).to.equal('1 2 3');
    });

    it('continues after a number, in the order of numbers whatever the time of sending', async () => {
      expect(await page(3, 4)).to.equal('4 5 6 7');
    });

    it('ends at the end of the inbox', async () => {
      expect(await page(10, 100)).to.equal('11 12');
      expect(await page(12, 100)).to.equal('');
      expect(await page(99, 100)).to.equal('');
    });

    it('shows a client only its own messages, and nothing to a client without messages', async () => {
      expect(await used.store.reader.page('other', 0, 100)).to.have.lengthOf(1);
      expect(await page(0, 100, 'nobody')).to.equal('');
    });

    it('returns pages that are requested together, each as if it were requested alone', async () => {
      const pages = [page(0, 3), page(3, 4), page(10, 100), page(12, 100), page(0, 3), page(0, 9, 'nobody')];
      const other = used.store.reader.page('other', 0, 100);
      expect(await Promise.all(pages)).to.deep.equal(['1 2 3', '4 5 6 7', '11 12', '', '1 2 3', '']);
      expect(await other).to.have.lengthOf(1);
    });

    it('returns the numbers of the stored messages', async () => {
      const { reader } = used.store;
      expect(await reader.numbers('clientB', 0, 3)).to.deep.equal([1, 2, 3]);
      expect(await reader.numbers('clientB', 3, 4)).to.deep.equal([4, 5, 6, 7]);
      expect(await reader.numbers('clientB', 10, 1_000)).to.deep.equal([11, 12]);
      expect(await reader.numbers('clientB', 12, 100)).to.deep.equal([]);
      expect(await reader.numbers('other', 0, 100)).to.deep.equal([1]);
      expect(await reader.numbers('nobody', 0, 100)).to.deep.equal([]);
    });

    it('returns the first and last number of an inbox', async () => {
      expect(await used.store.reader.state('clientB')).to.deep.equal({ first: 1, last: 12, read: 0 });
      expect(await used.store.reader.state('nobody')).to.deep.equal({ first: 1, last: 0, read: 0 });
    });

    it('reports an inbox that has only failures as empty', async () => {
      await used.store.ledger.settle([aDeadLetter({ to: 'failing' })]);
      expect(await used.store.reader.state('failing')).to.deep.equal(EMPTY_INBOX);
      expect((await used.store.reader.lastNumbers(['failing'])).get('failing') ?? 0).to.equal(0);
      expect(await page(0, 100, 'failing')).to.equal('');
    });

    it('returns the read position of the client, and of no other', async () => {
      await used.store.positions.advance('clientB', 7);
      expect(await used.store.reader.state('clientB')).to.deep.equal({ first: 1, last: 12, read: 7 });
      expect(await used.store.reader.state('other')).to.deep.equal({ first: 1, last: 1, read: 0 });
    });

    it('returns the last numbers of many inboxes', async () => {
      const last = await used.store.reader.lastNumbers(['clientB', 'other', 'nobody']);
      expect([last.get('clientB'), last.get('other'), last.get('nobody') ?? 0]).to.deep.equal([12, 1, 0]);
      expect((await used.store.reader.lastNumbers([])).size).to.equal(0);
    });

    it('confirms the end of an inbox', async () => {
      const { ledger, reader } = used.store;
      expect(await reader.confirmedLast('clientB')).to.equal(12);
      expect(await reader.confirmedLast('nobody')).to.equal(0);
      await ledger.settle([aDeadLetter({ to: 'failing' }), aDelivery()]);
      expect([await reader.confirmedLast('failing'), await reader.confirmedLast('clientB')]).to.deep.equal([
        0, 13,
      ]);
    });

    it('lists inboxes that changed since a point', async () => {
      expect(await page(12, 100)).to.equal('');
      await used.store.ledger.settle([aDelivery({ message: 'news' })]);
      const [row] = await used.store.reader.page('clientB', 12, 100);
      expect(row).to.include({ message: 'news', number: 13 });
    });
  });
}
