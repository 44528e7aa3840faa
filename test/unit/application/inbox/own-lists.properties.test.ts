import { expect } from 'chai';
import fc from 'fast-check';
import { cursorAt, inListOrder, isAfter } from '../../../../src/application/inbox/list-order.js';
import { listsIn, type ListArchive } from '../../../../src/application/inbox/own-lists.js';
import type { ListedMessage, MessageQuery } from '../../../../src/application/ports/archive.js';
import { sees, type View } from '../../../../src/domain/access/grants.js';

type Row = ListedMessage & { readonly number: number };

const name = fc.constantFrom('bob', 'eve', 'carol');
const row: fc.Arbitrary<Omit<Row, 'id'>> = fc.record({
  ...{ from: name, to: name, message: fc.constant('hi'), content: fc.constant(''), storedAt: fc.constant(0) },
  ...{ sentAt: fc.integer({ min: 0, max: 3 }), number: fc.integer({ min: 1, max: 3 }) },
});
const rows = fc
  .array(row, { maxLength: 12 })
  .map((list) => list.map((each, at): Row => ({ ...each, id: at.toString(16).padStart(24, '0') })));
const view = fc
  .record({ client: name, sent: fc.boolean(), received: fc.boolean() })
  .map((own): View => ({ own, acts: false }));
const filters = fc.record({ from: name, to: name }, { requiredKeys: [] });

function matching(all: readonly Row[], { from, to, after, limit }: MessageQuery): Row[] {
  return all
    .filter((each) => (from ?? each.from) === each.from && (to ?? each.to) === each.to)
    .filter((each) => after === undefined || isAfter(each, after))
    .sort(inListOrder)
    .slice(0, limit);
}

/** An archive of messages that notes what is read from it. */
function archiveOf(all: readonly Row[]) {
  const read: Row[] = [];
  let open = 0;
  const archive: ListArchive = {
    async *messages(query) {
      open += 1;
      try {
        for (const each of matching(all, query)) {
          read.push(each);
          yield await Promise.resolve({ ...each });
        }
      } finally {
        open -= 1;
      }
    },
    messagePlaces: (query) => Promise.resolve(matching(all, query)),
    failures: () => {
      throw new Error('not called here');
    },
    failurePlaces: () => Promise.reject(new Error('not called here')),
  };
  return { archive, read, open: () => open };
}

async function idsOf(list: AsyncIterable<ListedMessage>, most = Infinity): Promise<string[]> {
  const ids: string[] = [];
  if (most === 0) return ids;
  for await (const { id } of list) if (ids.push(id) === most) break;
  return ids;
}

describe('The lists of own rows', () => {
  const isOwn = (seen: View) => (each: Row) => sees(seen, { ...each, stored: true });

  it('have exactly the rows that the view shows, in order, and read no others', () =>
    fc.assert(
      fc.asyncProperty(rows, view, filters, async (all, seen, query) => {
        const { archive, read } = archiveOf(all);
        const expected = matching(all.filter(isOwn(seen)), query).map(({ id }) => id);
        expect(await idsOf(listsIn(seen, archive).messages(query))).to.deep.equal(expected);
        expect(read.filter((each) => !isOwn(seen)(each))).to.deep.equal([]);
      }),
    ));

  it('have the same rows page by page', () =>
    fc.assert(
      fc.asyncProperty(
        rows,
        view,
        filters,
        fc.integer({ min: 1, max: 3 }),
        async (all, seen, query, limit) => {
          const lists = listsIn(seen, archiveOf(all).archive);
          const ids: string[] = [];
          let page = await lists.messagePlaces({ ...query, limit });
          for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
            expect(page).to.have.lengthOf.at.most(limit);
            ids.push(...page.map(({ id }) => id));
            page = await lists.messagePlaces({ ...query, limit, after: cursorAt(last) });
          }
          expect(ids).to.deep.equal(matching(all.filter(isOwn(seen)), query).map(({ id }) => id));
        },
      ),
    ));

  it('close what they read when the reader stops early', () =>
    fc.assert(
      fc.asyncProperty(rows, view, fc.nat(3), async (all, seen, most) => {
        const { archive, open } = archiveOf(all);
        await idsOf(listsIn(seen, archive).messages({}), most);
        expect(open()).to.equal(0);
      }),
    ));

  it('are those of the archive for a view of every row', () => {
    const { archive } = archiveOf([]);
    expect(listsIn({ acts: true }, archive)).to.equal(archive);
  });
});
