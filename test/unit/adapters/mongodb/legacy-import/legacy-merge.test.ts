import { expect } from 'chai';
import { mergedLists } from '../../../../../src/adapters/mongodb/legacy-import/legacy-merge.js';
import { all } from '../../../../contract/delivery/ledger/store.js';

interface Row {
  readonly sentAt: number;
  readonly id: string;
  readonly list: string;
}

describe('Merging two sorted lists', () => {
  const row =
    (list: string) =>
    (key: string): Row => ({ sentAt: Number(key[0]), id: key.slice(1), list });
  async function* listed(list: string, keys: string, events: string[] = []): AsyncGenerator<Row> {
    await Promise.resolve();
    events.push(`${list} begun`);
    try {
      yield* keys.split(' ').filter(Boolean).map(row(list));
    } finally {
      events.push(`${list} left`);
    }
  }
  const merged = async (a: string, b: string): Promise<string> =>
    (await all(mergedLists(listed('a', a), listed('b', b))))
      .map(({ sentAt, id, list }) => `${String(sentAt)}${id}:${list}`)
      .join(' ');

  const cases: readonly (readonly [string, string, string, string])[] = [
    ['by time', '1x 3x', '2x 4x', '1x:a 2x:b 3x:a 4x:b'],
    ['by id within a time', '1b 1d', '1a 1c', '1a:b 1b:a 1c:b 1d:a'],
    ['if the first is empty', '', '1a 2a', '1a:b 2a:b'],
    ['if the second is empty', '1a 2a', '', '1a:a 2a:a'],
    ['if both are empty', '', '', ''],
    ['with rows in both once, from the second', '1a 2a', '1a 2a 2b', '1a:b 2a:b 2b:b'],
  ];
  for (const [how, a, b, expected] of cases) {
    it(`returns one list ${how}`, async () => {
      expect(await merged(a, b)).to.equal(expected);
    });
  }

  it('returns one list by number, in which a row that moves to a later place of its time appears once', async () => {
    async function* listed(list: string, ...keys: string[]): AsyncGenerator<Row & { number: number }> {
      await Promise.resolve();
      for (const key of keys)
        yield { sentAt: Number(key[0]), number: Number(key[1]), id: key.slice(2), list };
    }
    const first = listed('a', '10a', '10b', '20a', '20c');
    const second = listed('b', '11b', '11z', '12a', '21b', '22c', '31c');
    const rows = (await all(mergedLists(first, second))).map(
      ({ sentAt, id, list }) => `${String(sentAt)}${id}:${list}`,
    );
    expect(rows.join(' ')).to.equal('1a:a 1b:a 1z:b 2a:a 2c:a 2b:b 3c:b');
  });

  it('closes both when the caller stops, even if the second was opened after the first', async () => {
    const events: string[] = [];
    for await (const _row of mergedLists(listed('a', '1a 2a', events), listed('b', '3a', events))) break;
    expect(events).to.deep.equal(['a begun', 'b begun', 'a left', 'b left']);
  });

  it('fails if one of them fails, and closes the other', async () => {
    const events: string[] = [];
    // eslint-disable-next-line require-yield -- it fails before it has anything
    async function* failing(): AsyncGenerator<Row> {
      await Promise.resolve();
      throw new Error('no more');
    }
    const error = await all(mergedLists(listed('a', '1a', events), failing())).catch((e: unknown) => e);
    expect(error).to.have.property('message', 'no more');
    expect(events).to.deep.equal(['a begun', 'a left']);
  });
});
