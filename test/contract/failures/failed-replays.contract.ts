import { expect } from 'chai';
import { aDeadLetter } from '../../support/builders.js';
import { useStore, type LedgerStoreFactory } from '../delivery/ledger/store.js';

/** Tests the obligations of a finder of failed replays; see the port. */
export function failedReplaysContract(name: string, factory: LedgerStoreFactory): void {
  describe(`${name} as a finder of failed replays`, function () {
    this.timeout(30_000);
    const used = useStore(factory);

    /** Fails, is replayed, and fails again. */
    const failedReplay = async (reason = 'again'): Promise<string> => {
      const { letter } = aDeadLetter();
      const { ledger } = used.store;
      await ledger.settle([{ kind: 'dead-letter', letter }]);
      await ledger.amend(letter.id, (failure) => ({ ...failure, state: 'replaying', replays: 1 }));
      const again = { ...letter, reason, replays: 1, failedAt: letter.failedAt + 1 };
      await ledger.settle([{ kind: 'dead-letter', letter: again }]);
      return letter.id;
    };
    const found = async (limit = 10): Promise<string[]> =>
      (await used.store.failedReplays.unnotified(limit)).map(({ id }) => id);

    it('finds nothing if nothing was replayed', async () => {
      await used.store.ledger.settle([aDeadLetter()]);
      expect(await found()).to.deep.equal([]);
    });

    it('finds a replay that failed again, with its details', async () => {
      const id = await failedReplay('it broke 7 times');
      const [replay] = await used.store.failedReplays.unnotified(10);
      expect(replay).to.include({ id, code: 'delivery-failed', failures: 2, state: 'unresolved' });
      expect(replay?.group.reason).to.equal('it broke <n> times');
    });

    it('returns at most as many as requested', async () => {
      const ids = [await failedReplay(), await failedReplay(), await failedReplay()];
      expect(await found(2)).to.have.lengthOf(2);
      expect(await found(0)).to.deep.equal([]);
      expect((await found()).sort()).to.deep.equal(ids.sort());
    });

    it('returns a failed replay until its alert was notified, whatever happens to the failure', async () => {
      const id = await failedReplay();
      await used.store.ledger.amend(id, (failure) => ({ ...failure, state: 'discarded' }));
      expect(await found()).to.deep.equal([id]);
      await used.store.ledger.amend(id, ({ alert: _alert, ...failure }) => failure);
      expect(await found()).to.deep.equal([]);
    });
  });
}
