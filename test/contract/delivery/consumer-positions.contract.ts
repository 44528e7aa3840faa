import { expect } from 'chai';
import type {
  ConsumerPositions,
  LedgerPositions,
  PartitionPosition,
  Ledger,
} from '../../../src/application/ports/ledger.js';
import type { ConsumerPosition } from '../../../src/domain/delivery/consumer-position.js';
import { aDeadLetter, aDelivery } from '../../support/builders.js';

/** A ledger and its consumer positions, both empty. */
export interface PositionsUnderTest {
  readonly ledger: Pick<Ledger, 'settle'>;
  readonly positions: ConsumerPositions;
  /** The same positions, opened by another process. */
  other(): Promise<ConsumerPositions>;
  close(): Promise<void>;
}

const at = (next: number, more: Partial<ConsumerPosition> = {}): ConsumerPosition => ({
  next,
  lost: 0,
  ...more,
});
const row = (partition: number, position: ConsumerPosition, more = {}): PartitionPosition => {
  return { group: 'receiver', topic: 'mail', partition, position, ...more };
};

/** Tests the obligations of a consumer position store; see the port. */
export function consumerPositionsContract(name: string, make: () => Promise<PositionsUnderTest>): void {
  describe(`${name} as a consumer position store`, function () {
    this.timeout(60_000);
    let used: PositionsUnderTest;

    beforeEach(async () => {
      used = await make();
    });
    afterEach(() => used.close());

    const read = (group = 'receiver', topic = 'mail'): Promise<LedgerPositions> =>
      used.positions.of(group, topic);
    const saved = async (group?: string, topic?: string): Promise<(number | ConsumerPosition)[][]> =>
      [...(await read(group, topic)).positions].sort(([one], [other]) => one - other);

    it('has no positions at first', async () => {
      expect(await saved()).to.deep.equal([]);
    });

    it('returns each position as it was saved, with and without a record and a loss', async () => {
      const last = { offset: 6, hash: '$0123abc' };
      await used.positions.advance([row(0, at(7, { lost: 2, last })), row(11, at(0)), row(2, at(2 ** 52))]);
      expect(await saved()).to.deep.equal([
        [0, at(7, { lost: 2, last })],
        [2, at(2 ** 52)],
        [11, at(0)],
      ]);
      await used.positions.advance([row(0, at(8))]);
      expect((await saved())[0]).to.deep.equal([0, at(8)]);
    });

    it('keeps groups and topics separate', async () => {
      const names = ['receiver', 'receiver-2', '$receiver', 'a.b', ''];
      for (const [n, group] of names.entries())
        for (const [m, topic] of ['mail', 'mail2', '$mail'].entries())
          await used.positions.advance([row(0, at(10 * n + m), { group, topic })]);
      for (const [n, group] of names.entries())
        for (const [m, topic] of ['mail', 'mail2', '$mail'].entries())
          expect(await saved(group, topic)).to.deep.equal([[0, at(10 * n + m)]]);
    });

    it('never moves a position back', async () => {
      const last = { offset: 6, hash: 'abc' };
      await used.positions.advance([row(0, at(7, { lost: 1, last })), row(1, at(3))]);
      await used.positions.advance([row(0, at(6, { lost: 5 })), row(1, at(4))]);
      expect(await saved()).to.deep.equal([
        [0, at(7, { lost: 1, last })],
        [1, at(4)],
      ]);
    });

    it('saves that a loss was acknowledged, at an unchanged offset', async () => {
      await used.positions.advance([row(0, at(7, { lost: 1 }))]);
      await used.positions.advance([row(0, at(7))]);
      expect(await saved()).to.deep.equal([[0, at(7)]]);
    });

    it('moves a position back on a reset, and then forward again', async () => {
      await used.positions.advance([row(0, at(7)), row(1, at(7))]);
      await used.positions.reset([row(0, at(2, { lost: 1 })), row(2, at(5))]);
      await used.positions.advance([row(0, at(3))]);
      expect(await saved()).to.deep.equal([
        [0, at(3)],
        [1, at(7)],
        [2, at(5)],
      ]);
    });

    it('accepts an empty list', async () => {
      await used.positions.advance([]);
      await used.positions.reset([]);
      expect(await saved()).to.deep.equal([]);
    });

    it('keeps the highest of concurrently saved positions', async () => {
      const other = await used.other();
      const moves = Array.from({ length: 40 }, (_, n) => (n * 17) % 45);
      await Promise.all(
        moves.map((next, n) =>
          (n % 2 === 0 ? used.positions : other).advance([row(0, at(next)), row(1, at(next + 1))]),
        ),
      );
      const furthest = Math.max(...moves);
      expect(await saved()).to.deep.equal([
        [0, at(furthest)],
        [1, at(furthest + 1)],
      ]);
    });

    it('reports that the ledger was empty at the first read, even after that has changed', async () => {
      expect((await read()).beganEmpty).to.equal(true);
      await used.ledger.settle([aDelivery()]);
      expect((await read('another')).beganEmpty).to.equal(true);
      expect((await (await used.other()).of('receiver', 'mail')).beganEmpty).to.equal(true);
    });

    for (const [what, entry] of [
      ['a message', aDelivery()],
      ['a failure', aDeadLetter({ to: 'clientB' })],
    ] as const)
      it(`reports that the ledger had ${what} at the first read`, async () => {
        await used.ledger.settle([entry]);
        expect((await read()).beganEmpty).to.equal(false);
        expect((await (await used.other()).of('receiver', 'mail')).beganEmpty).to.equal(false);
      });

    it('gives concurrent first readers the same result', async () => {
      const other = await used.other();
      const [first, settled] = await Promise.all([
        Promise.all([0, 1, 2, 3].map((n) => (n % 2 === 0 ? used.positions : other).of('receiver', 'mail'))),
        used.ledger.settle([aDelivery()]),
      ]);
      expect(settled).to.have.length(1);
      const later = await read();
      expect(new Set([...first, later].map(({ beganEmpty }) => beganEmpty)).size).to.equal(1);
    });
  });
}
