import { expect } from 'chai';
import type { FailedMessage } from '../../../src/domain/failures/failed-message.js';
import { aDeadLetter, aDelivery, deadLetterOf, type DeadLetterEntry } from '../../support/builders.js';
import { all, useStore, type LedgerStoreFactory } from '../delivery/ledger/store.js';

const STATES = ['unresolved', 'replaying', 'correcting', 'resolved', 'discarded'] as const;

/** Tests the obligations of a failure sweep; see the port. */
export function failureSweepContract(name: string, factory: LedgerStoreFactory): void {
  describe(`${name} as a failure sweep`, function () {
    this.timeout(60_000);
    const used = useStore(factory);
    const sweepAll = async (before = used.clock.time): Promise<number> => {
      let swept = 0;
      for (let some = 1; some > 0; swept += some) some = await used.store.failureSweep.sweep(before);
      return swept;
    };
    const left = async (): Promise<FailedMessage[]> => all(used.store.archive.failures({ states: STATES }));
    const amend = ({ letter }: DeadLetterEntry, change: Partial<FailedMessage>): Promise<unknown> =>
      used.store.ledger.amend(letter.id, (failure) => ({ ...failure, ...change }));

    it('removes closed failures, and no open ones', async () => {
      const letters = STATES.map(() => aDeadLetter({ failedAt: used.clock.time }));
      await used.store.ledger.settle(letters);
      for (const [at, state] of STATES.entries()) await amend(letters[at]!, { state });
      used.clock.time += 1_000;
      expect(await sweepAll()).to.equal(2);
      expect((await left()).map(({ state }) => state).sort()).to.deep.equal([
        'correcting',
        'replaying',
        'unresolved',
      ]);
      expect(await used.store.archive.find(letters[4]!.letter.id)).to.equal(undefined);
      const groups = await used.store.groups.groups();
      expect(groups.reduce((sum, { count }) => sum + count, 0)).to.equal(1);
    });

    it('removes invalid sends even while they are unresolved', async () => {
      await used.store.ledger.settle([aDeadLetter({ disposition: 'refused', failedAt: used.clock.time })]);
      used.clock.time += 1_000;
      expect(await sweepAll()).to.equal(1);
      expect(await left()).to.deep.equal([]);
      expect(await used.store.archive.summary()).to.deep.equal({ open: 0 });
      expect(await used.store.groups.groups()).to.deep.equal([]);
    });

    it('keeps failures that were recorded or changed since then', async () => {
      const { time } = used.clock;
      const [late, recent] = [aDeadLetter({ failedAt: time }), aDeadLetter({ failedAt: time })];
      await used.store.ledger.settle([recent]);
      used.clock.time += 10_000;
      await used.store.ledger.settle([late]);
      await amend(late, { state: 'discarded' });
      const history = [{ at: time + 9_000, event: 'discarded' }];
      await amend(recent, { state: 'discarded', history });
      expect(await sweepAll(time + 5_000)).to.equal(0);
      expect(await sweepAll(time + 9_500)).to.equal(1);
      expect((await left()).map(({ id }) => id)).to.deep.equal([late.letter.id]);
    });

    it('leaves the message that was stored after it had failed', async () => {
      const subject = aDelivery({ replays: 1 });
      const letter = deadLetterOf(subject, { replays: 0, failedAt: used.clock.time });
      await used.store.ledger.settle([letter, subject]);
      used.clock.time += 1_000;
      expect(await sweepAll()).to.equal(1);
      const found = await used.store.archive.find(subject.message.id);
      expect(found).to.have.all.keys('message');
      expect(await used.store.ledger.settle([subject])).to.deep.equal([{ kind: 'duplicate' }]);
    });

    it('sweeps many failures to the end', async () => {
      for (let batch = 0; batch < 3; batch += 1) {
        const given = { disposition: 'refused', failedAt: used.clock.time } as const;
        await used.store.ledger.settle(Array.from({ length: 400 }, () => aDeadLetter(given)));
      }
      used.clock.time += 1_000;
      expect(await sweepAll()).to.equal(1_200);
    });
  });
}
