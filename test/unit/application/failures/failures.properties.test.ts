import { expect } from 'chai';
import fc from 'fast-check';
import { ActionRefused } from '../../../../src/domain/failures/action-refused.js';
import type { FailedMessage } from '../../../../src/domain/failures/failed-message.js';
import { takeForJob } from '../../../../src/domain/failures/failure-actions.js';
import { aMessage, identities } from '../../../support/builders.js';
import { FailureWorld, REPLAY_RULES, type Publishing } from '../../../support/failures/failure-world.js';
import { countingIds } from '../../../support/recorders.js';

type Step =
  | { readonly do: 'replay' | 'discard'; readonly which: number; readonly force: boolean }
  | { readonly do: 'correct'; readonly which: number }
  | { readonly do: 'bulk-replay' }
  | { readonly do: 'deliver'; readonly at: number; readonly fails: boolean }
  | { readonly do: 'dead-letter'; readonly at: number }
  | { readonly do: 'publishing'; readonly goes: Publishing; readonly dies: boolean }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'take-up' };

const COUNT = 3;
const which = fc.integer({ min: 0, max: COUNT - 1 });
const at = fc.integer({ min: 0, max: 14 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('replay' as const), which, force: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('discard' as const), which, force: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('correct' as const), which }) },
  { weight: 2, arbitrary: fc.constant({ do: 'bulk-replay' as const }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), at, fails: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('dead-letter' as const), at }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('publishing' as const),
      goes: fc.constantFrom<Publishing>('confirmed', 'confirmed', 'response-lost', 'lost', 'too-large'),
      dies: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 1_000, 31_000, 900_000, 900_000),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'take-up' as const }) },
);

const isClosed = ({ state }: FailedMessage): boolean => state === 'resolved' || state === 'discarded';

class Run {
  readonly world = new FailureWorld();
  private readonly ids: string[] = [];
  private readonly delivered = new Set<number>();
  private readonly closed = new Map<string, FailedMessage>();

  async begin(): Promise<void> {
    for (let n = 0; n < COUNT; n += 1) {
      const message = aMessage({ message: `message ${String(n)}`, to: `client${String(n % 2)}` });
      this.ids.push(message.id);
      await this.world.fail(message);
      this.delivered.add(n);
    }
  }

  async take(next: Step): Promise<void> {
    const { world } = this;
    switch (next.do) {
      case 'replay':
        return this.act(() => world.operator.replay(this.id(next.which), { force: next.force }));
      case 'discard':
        return this.act(() => world.operator.discard(this.id(next.which), { force: next.force }));
      case 'correct':
        return this.act(() => world.operator.correct(this.id(next.which), { message: 'corrected' }, 'me'));
      case 'bulk-replay':
        return this.replayAll();
      case 'deliver':
        return this.deliver(next.at, next.fails ? 'it failed again' : undefined);
      case 'dead-letter':
        // Each message in the log was recorded when it was appended.
        return this.changesNothing(() => world.redeliver(next.at));
      case 'publishing':
        world.publishing = next.goes;
        world.crashesBeforeNote = next.dies;
        break;
      case 'advance':
        await world.clock.advance(next.ms);
        break;
      case 'take-up':
        await world.continueInNewProcess();
    }
  }

  /** Ends all faults, lets another process finish the remaining work, and delivers everything in the log. */
  async heal(): Promise<void> {
    this.world.publishing = 'confirmed';
    this.world.crashesBeforeNote = false;
    await this.world.continueInNewProcess();
    for (let record = 0; record < this.world.messages.length; record += 1) await this.world.deliver(record);
  }

  async check(): Promise<void> {
    const all = [...this.ids, ...this.ids.map((id) => identities.ofCorrection(id))];
    const stored = new Map<string, number>();
    for await (const { id } of this.world.ledger.messages({})) stored.set(id, (stored.get(id) ?? 0) + 1);
    for (const id of all) {
      const failure = await this.world.failure(id);
      expect(stored.get(id) ?? 0, `${id} is stored at most once`).to.be.at.most(1);
      if (failure) this.checkFailure(failure, stored.has(id));
    }
  }

  /** Checks that no failure stays in flight forever, and that none has disappeared. */
  async checkEnd(): Promise<void> {
    for (const id of this.ids) {
      const failure = await this.world.failure(id);
      expect(failure?.state, id).to.be.oneOf(['unresolved', 'resolved', 'discarded']);
      if (failure?.resolution === 'stored')
        expect((await this.world.ledger.find(id))?.message).to.include({ id });
      if (failure?.resolution !== 'superseded') continue;
      const corrected = await this.world.ledger.find(identities.ofCorrection(id));
      expect(corrected?.message ?? corrected?.failure, 'the corrected message').to.include({ corrects: id });
    }
  }

  /** Replays failures as a bulk replay does, whose unpublished failures any process may publish. */
  private async replayAll(): Promise<void> {
    const at = this.world.clock.now();
    const order = { id: countingIds.next(at), at, force: false, job: countingIds.next(at) };
    const taken = await this.world.ledger.amendAll(this.ids, (failure) =>
      takeForJob(failure, order, at + 1, REPLAY_RULES),
    );
    void this.world.newOutbox().publish(taken.filter((failure) => failure !== undefined));
    await this.world.clock.advance(0);
  }

  /** Checks that earlier outcomes are final, whatever is delivered now. */
  private async deliver(record: number, reason?: string): Promise<void> {
    const deliver = (): Promise<unknown> => this.world.deliver(record, reason);
    if (this.delivered.has(record)) await this.changesNothing(deliver);
    else if (record < this.world.messages.length) await deliver();
    if (record < this.world.messages.length) this.delivered.add(record);
  }

  private async changesNothing(work: () => Promise<unknown>): Promise<void> {
    const before = new Map([...this.world.ledger.allFailures()].map((failure) => [failure.id, failure]));
    await work();
    for (const failure of this.world.ledger.allFailures()) {
      expect(before.get(failure.id), 'a redelivery changes nothing').to.equal(failure);
    }
  }

  private checkFailure(failure: FailedMessage, isStored: boolean): void {
    const { id, state, resolution } = failure;
    expect(isStored, `${id} is ${state} and stored: ${String(isStored)}`).to.equal(resolution === 'stored');
    const before = this.closed.get(id);
    if (before) expect(failure, `${id} was closed`).to.equal(before);
    if (isClosed(failure)) this.closed.set(id, failure);
    expect(failure.lease !== undefined, `${id} has a lease`).to.satisfy(
      (has: boolean) => !has || state === 'replaying' || state === 'correcting',
    );
  }

  private id(which: number): string {
    return this.ids[which] ?? '';
  }

  private async act(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
      await this.world.clock.advance(0);
    } catch (error) {
      if (!(error instanceof ActionRefused)) throw error;
    }
  }
}

describe('A failed message', () => {
  it('is never stored twice, both stored and open, lost, or open again after it was closed', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const run = new Run();
        await run.begin();
        for (const next of steps) {
          await run.take(next);
          await run.check();
        }
        await run.heal();
        await run.check();
        await run.checkEnd();
      }),
      { numRuns: 1_000 },
    );
  });
});
