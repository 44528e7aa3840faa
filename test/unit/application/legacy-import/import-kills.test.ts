import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import type { LegacyCollections, LegacyKind } from '../../../../src/application/ports/legacy.js';
import type { Ledger } from '../../../../src/application/ports/ledger.js';
import { anItem, items, ImportWorld } from '../../../support/legacy-import/import-world.js';

const KILLED = new DependencyUnavailable('store', new Error('killed'));

/**
 * Dies before one of its steps, or after it (while setting aside: halfway through it). Counts the steps of
 * both parts.
 */
class Mortal {
  private step = 0;
  private dead = false;

  constructor(
    private readonly world: ImportWorld,
    private readonly diesAt: number,
    private readonly when: 'before' | 'after',
  ) {}

  readonly ledger: Pick<Ledger, 'settle'> = {
    settle: (entries) => this.through(() => this.world.ledger.settle(entries)),
  };

  readonly collections: LegacyCollections = {
    count: (kind) => this.through(() => this.world.collections.count(kind)),
    first: (kind, limit) => this.through(() => this.world.collections.first(kind, limit)),
    setAside: (kind, moved) =>
      this.through((dies) =>
        this.world.collections.setAside(kind, dies ? moved.slice(0, moved.length / 2) : moved),
      ),
  };

  private async through<T>(work: (dies: boolean) => Promise<T>): Promise<T> {
    const dies = this.step++ === this.diesAt;
    if (this.dead || (dies && this.when === 'before')) throw this.killed();
    const result = await work(dies);
    if (dies) throw this.killed();
    return result;
  }

  private killed(): Error {
    this.dead = true;
    return KILLED;
  }
}

describe('An import that is killed', () => {
  const fill = (world: ImportWorld): void => {
    world.collections.add('messages', ...items(0, 700), anItem(700, { message: '' }));
    world.collections.add('failures', ...items(1_000, 1_600));
  };
  const outcome = async (world: ImportWorld) => ({
    inbox: (await world.inbox()).map(({ id, number }) => [id, number]),
    failures: (await world.failures()).map(({ id, reason }) => [id, reason]),
    aside: ['messages', 'failures'].map((kind) => world.collections.setAsideItems(kind as LegacyKind).length),
    left: await world.countRemaining(),
  });

  // Two counts, two batches of three steps for each kind, and two reads that find nothing more.
  for (let step = 0; step < 16; step++) {
    for (const when of ['before', 'after'] as const) {
      it(`duplicates nothing and leaves nothing behind (${when} step ${String(step)})`, async () => {
        const [calm, killed] = [new ImportWorld(), new ImportWorld()];
        fill(calm);
        fill(killed);
        await calm.run();
        const mortal = new Mortal(killed, step, when);
        const died = await killed.run(mortal.ledger, mortal.collections).catch((error: unknown) => error);
        expect(died).to.equal(KILLED);
        await killed.run();
        expect(await outcome(killed)).to.deep.equal(await outcome(calm));
      });
    }
  }

  it('changes nothing when repeated, even if its messages have been swept', async () => {
    const world = new ImportWorld();
    fill(world);
    await world.run();
    world.clock.time += 1_000_000;
    while ((await world.ledger.sweep(world.clock.time)) > 0);
    expect(await world.inbox()).to.deep.equal([]);
    expect(await world.run()).to.deep.equal({
      messages: { stored: 0, failed: 0, known: 0 },
      failures: { stored: 0, failed: 0, known: 0 },
    });
    expect(await world.inbox()).to.deep.equal([]);
  });

  it('stores each message once and in order if two run concurrently', async () => {
    const [calm, both] = [new ImportWorld(), new ImportWorld()];
    fill(calm);
    fill(both);
    await calm.run();
    await Promise.all([both.run(), both.run(), both.run()]);
    expect(await outcome(both)).to.deep.equal(await outcome(calm));
  });
});
