import { expect } from 'chai';
import type { ListCursor, MessageQuery } from '../../../src/application/ports/archive.js';
import type { Entry } from '../../../src/domain/delivery/settlement.js';
import { groupOf } from '../../../src/domain/failures/failure-group.js';
import { aDeadLetter, aDelivery, anId, identities } from '../../support/builders.js';
import { messageOrder } from './archive/message-order.js';
import { oneId } from './archive/one-id.js';
import { places } from './archive/places.js';
import { all, plain, textsOf, useStore, type LedgerStoreFactory } from '../delivery/ledger/store.js';

/** Tests the obligations of an archive; see the port. */
export function archiveContract(name: string, factory: LedgerStoreFactory): void {
  describe(`${name} as an archive`, function () {
    this.timeout(30_000);
    const used = useStore(factory);
    const settle = (...entries: Entry[]): Promise<unknown> => used.store.ledger.settle(entries);

    describe('messages', () => {
      it('are listed in the order of sending, whatever the order of storing', async () => {
        await settle(aDelivery({ sentAt: 2_000, message: '2' }), aDelivery({ sentAt: 3_000, message: '3' }));
        await settle(
          aDelivery({ sentAt: 4_000, to: 'x', message: '4' }),
          aDelivery({ sentAt: 1_000, message: '1' }),
        );
        expect(textsOf(await all(used.store.archive.messages({}))).join(' ')).to.equal('1 2 3 4');
      });

      it('are returned complete', async () => {
        const { message, content } = aDelivery({ message: 'Grüße 👋' });
        await settle({ kind: 'delivery', message, content, replays: 0 });
        const [row] = await all(used.store.archive.messages({}));
        expect(row).to.deep.equal({ ...message, content, number: 1, storedAt: used.clock.time });
      });

      it('are an empty list if there are none', async () => {
        expect(await all(used.store.archive.messages({}))).to.deep.equal([]);
      });

      const filters: readonly (readonly [string, MessageQuery, string])[] = [
        ['from', { from: 'a' }, '1 2'],
        ['to', { to: 'y' }, '2 3'],
        ['from and to', { from: 'b', to: 'y' }, '3'],
        ['since, inclusive', { since: 2_000 }, '2 3 4'],
        ['until, exclusive', { until: 3_000 }, '1 2'],
        ['a span of time', { since: 2_000, until: 4_000 }, '2 3'],
        ['to and a span of time', { to: 'y', since: 3_000 }, '3'],
        ['from and until', { from: 'b', until: 4_000 }, '3'],
        ['limit', { limit: 3 }, '1 2 3'],
        ['nobody', { to: 'nobody' }, ''],
      ];
      for (const [by, query, expected] of filters) {
        it(`are filtered by ${by}`, async () => {
          await settle(
            aDelivery({ message: '1', from: 'a', to: 'x', sentAt: 1_000 }),
            aDelivery({ message: '2', from: 'a', to: 'y', sentAt: 2_000 }),
            aDelivery({ message: '3', from: 'b', to: 'y', sentAt: 3_000 }),
            aDelivery({ message: '4', from: 'b', to: 'x', sentAt: 4_000 }),
            aDeadLetter({ message: 'never listed', from: 'a', to: 'y', sentAt: 2_000 }),
          );
          expect(textsOf(await all(used.store.archive.messages(query))).join(' ')).to.equal(expected);
        });
      }

      it('are streamed row by row, thousands of them', async () => {
        for (let batch = 0; batch < 5; batch++) {
          await settle(...Array.from({ length: 500 }, () => aDelivery()));
        }
        let count = 0;
        for await (const row of used.store.archive.messages({})) count += row.storedAt > 0 ? 1 : 0;
        expect(count).to.equal(2_500);
      });

      it('can be abandoned in the middle of the list', async () => {
        await settle(...Array.from({ length: 300 }, () => aDelivery()));
        for await (const row of used.store.archive.messages({})) {
          expect(row.number).to.equal(1);
          break;
        }
        expect(await all(used.store.archive.messages({ limit: 2 }))).to.have.lengthOf(2);
      });

      it('include those that failed first', async () => {
        const { letter } = aDeadLetter();
        await settle({ kind: 'dead-letter', letter }, aDelivery({ ...letter, replays: 1 }));
        const [row] = await all(used.store.archive.messages({}));
        expect(row).to.include({ id: letter.id, number: 1 }).and.not.have.property('failure');
      });
    });

    describe('the order of messages', () => {
      messageOrder(used);
    });

    describe('failures', () => {
      it('are returned complete, whatever they contain', async () => {
        const bytes = Uint8Array.from([0, 1, 254, 255]);
        const full = aDeadLetter({
          value: bytes,
          key: bytes,
          encoding: 'base64',
          conflictsWith: anId(),
          truncated: true,
          altered: ['message'],
        });
        const { origin, ...without } = aDeadLetter({
          key: null,
          value: null,
          to: '',
          from: '',
          message: '',
        }).letter;
        expect(origin).not.to.equal(undefined);
        await settle(full, { kind: 'dead-letter', letter: without });
        const rows = await all(used.store.archive.failures({ states: ['unresolved'] }));
        const life = { state: 'unresolved', failures: 1, recordedAt: used.clock.time };
        const expected = [full.letter, without].map((letter) => ({
          ...letter,
          ...life,
          group: groupOf(letter, identities),
          firstFailedAt: letter.failedAt,
          history: [{ at: letter.failedAt, event: 'failed', note: letter.reason }],
        }));
        expect(plain(rows)).to.deep.equal(plain(expected));
      });

      it('are filtered by state, in a stable order', async () => {
        const letters = Array.from({ length: 6 }, (_, i) =>
          aDeadLetter({ sentAt: 1_000 + (i % 3), message: String(i) }),
        );
        await settle(...letters);
        const amend = (i: number, state: 'discarded' | 'replaying'): Promise<unknown> =>
          used.store.ledger.amend(letters[i]?.letter.id ?? '', (failure) => ({ ...failure, state }));
        await amend(0, 'discarded');
        await amend(4, 'replaying');
        const list = async (...states: ('unresolved' | 'replaying' | 'discarded')[]): Promise<string> =>
          textsOf(await all(used.store.archive.failures({ states }))).join(' ');
        expect(await list('unresolved', 'replaying')).to.equal('3 1 4 2 5');
        expect(await list('discarded')).to.equal('0');
        expect(await list()).to.equal('');
      });

      it('are filtered by code, group, sender, recipient and time, and limited', async () => {
        await settle(
          aDeadLetter({ message: '1', code: 'too-large', from: 'a', sentAt: 1_000 }),
          aDeadLetter({ message: '2', code: 'too-large', to: 'y', sentAt: 2_000 }),
          aDeadLetter({ message: '3', sentAt: 3_000 }),
        );
        const [first] = await all(used.store.archive.failures({ states: ['unresolved'] }));
        const list = async (query: MessageQuery & { code?: string; group?: string }): Promise<string> =>
          textsOf(await all(used.store.archive.failures({ states: ['unresolved'], ...query }))).join(' ');
        expect(await list({ code: 'too-large' })).to.equal('1 2');
        expect(await list({ group: first?.group.key ?? '' })).to.equal('1 2');
        expect(await list({ group: first?.group.key ?? '', to: 'y' })).to.equal('2');
        expect(await list({ group: 'none' })).to.equal('');
        expect(await list({ from: 'a' })).to.equal('1');
        expect(await list({ to: 'y' })).to.equal('2');
        expect(await list({ since: 2_000, until: 3_000 })).to.equal('2');
        expect(await list({ limit: 2 })).to.equal('1 2');
      });

      it('are each listed once by pages over several states', async () => {
        const letters = Array.from({ length: 20 }, (_, i) =>
          aDeadLetter({ sentAt: 1_000 + Math.floor(i / 8) }),
        );
        await settle(...letters);
        for (const { letter } of letters.filter((_, i) => i % 3 === 0)) {
          await used.store.ledger.amend(letter.id, (failure) => ({ ...failure, state: 'correcting' }));
        }
        const seen: string[] = [];
        let after: ListCursor | undefined;
        do {
          const query = { states: ['unresolved', 'correcting'] as const, limit: 3, ...(after && { after }) };
          const page = await all(used.store.archive.failures(query));
          seen.push(...page.map(({ id }) => id));
          after = page.at(-1);
        } while (after);
        expect(seen).to.deep.equal(letters.map(({ letter }) => letter.id));
      });
    });

    describe('places', () => {
      places(used);
    });

    describe('single ids', () => {
      oneId(used);
    });

    describe('the summary', () => {
      it('counts nothing if nothing failed', async () => {
        await settle(aDelivery());
        expect(await used.store.archive.summary()).to.deep.equal({ open: 0 });
      });

      it('counts unresolved failures, and returns when the oldest of them last failed', async () => {
        const letters = [3_000, 1_000, 2_000, 500].map((failedAt) => aDeadLetter({ failedAt }));
        await settle(...letters);
        const amend = (i: number, state: 'replaying' | 'discarded'): Promise<unknown> =>
          used.store.ledger.amend(letters[i]?.letter.id ?? '', (failure) => ({ ...failure, state }));
        await amend(1, 'replaying');
        await amend(3, 'discarded');
        expect(await used.store.archive.summary()).to.deep.equal({ open: 3, oldestFailedAt: 2_000 });
      });
    });
  });
}
