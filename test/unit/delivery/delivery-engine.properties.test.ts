import { expect } from 'chai';
import fc from 'fast-check';
import { ServedClients } from '../../../src/domain/served-clients.js';
import type { LogRecord } from '../../../src/application/ports/record-log.js';
import { NO_RECIPIENT } from '../../../src/domain/settlement.js';
import { DeliveryWorld, PARKED_MAX, PARTITIONS } from '../../support/delivery-world.js';
import type { PlaguedLedger } from '../../support/plagued-ledger.js';
import { appendRaw, arrives, partitionOf } from '../../support/world-records.js';

type Kind = 'good' | 'copy' | 'reused' | 'invalid' | 'undecodable' | 'for-others' | 'poisoned' | 'refused';

type Step =
  | { readonly do: 'arrive'; readonly kind: Kind; readonly to: string; readonly tries: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'outage'; readonly down: PlaguedLedger['down'] }
  | { readonly do: 'answers-lost'; readonly count: number }
  | { readonly do: 'dead-letter-log'; readonly down: boolean }
  | { readonly do: 'crash' | 'rebalance'; readonly engines: number };

const recipients = ['a', 'b', 'c', 'd'];

const arrival = fc.record({
  do: fc.constant('arrive' as const),
  kind: fc.constantFrom<Kind>(
    ...(['good', 'good', 'good', 'good', 'copy', 'reused', 'invalid'] as const),
    ...(['undecodable', 'for-others', 'poisoned', 'poisoned', 'refused'] as const),
  ),
  to: fc.constantFrom(...recipients),
  tries: fc.integer({ min: 1, max: 6 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: arrival },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(0, 100, 1_500, 9_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.oneof(
      fc.record({
        do: fc.constant('outage' as const),
        down: fc.constantFrom('unavailable' as const, 'unknown' as const, false as const),
      }),
      fc.record({ do: fc.constant('answers-lost' as const), count: fc.integer({ min: 0, max: 8 }) }),
      fc.record({ do: fc.constant('dead-letter-log' as const), down: fc.boolean() }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('crash' as const, 'rebalance' as const),
      engines: fc.integer({ min: 1, max: 2 }),
    }),
  },
);

/** One run: what arrived, and what must hold all the time. */
class Run {
  readonly world: DeliveryWorld;
  readonly problems: string[] = [];
  private readonly arrived = new Map<string, Kind>();
  private readonly first = new Map<string, ReturnType<typeof arrives>>();

  constructor(batchSizes: readonly number[], latencies: readonly number[]) {
    let batch = 0;
    let write = 0;
    this.world = new DeliveryWorld({
      served: ServedClients.only(recipients),
      batchSize: () => batchSizes[batch++ % batchSizes.length] ?? 1,
      latency: () => latencies[write++ % latencies.length] ?? 0,
      onCommit: (topic, partition, next) => {
        if (topic === 'messages') this.checkCommit(partition, next);
      },
    });
  }

  async play(steps: readonly Step[]): Promise<void> {
    await this.world.start(2);
    for (const next of steps) {
      await this.playOne(next);
      const bound = PARKED_MAX * PARTITIONS * 2;
      if (this.world.maxParked > bound) this.problems.push(`parked ${String(this.world.maxParked)}`);
    }
    await this.world.settleDown();
  }

  private async playOne(next: Step): Promise<void> {
    const { world } = this;
    switch (next.do) {
      case 'arrive':
        this.arrive(next);
        break;
      case 'advance':
        await world.clock.advance(next.ms);
        break;
      case 'outage':
        world.ledger.down = next.down;
        break;
      case 'answers-lost':
        world.ledger.lostAnswers = next.count;
        break;
      case 'dead-letter-log':
        world.deadLetterLogDown = next.down;
        break;
      case 'crash':
        await world.crashAndRestart(next.engines);
        break;
      case 'rebalance':
        world.feed.assign((partition, members) => (partition + next.engines) % members);
        break;
    }
  }

  private arrive({ kind, to, tries }: Extract<Step, { do: 'arrive' }>): void {
    const { world } = this;
    const at = `${String(partitionOf(to))}:${String(world.feed.records.messages[partitionOf(to)]?.length)}`;
    this.arrived.set(at, kind);
    const first = this.first.get(to);
    switch (kind) {
      case 'undecodable':
        appendRaw(world, to, { key: Buffer.from(to), value: Buffer.from([0xff]), headers: {} });
        break;
      case 'for-others':
        arrives(world, { to: `nobody-${to}` });
        break;
      case 'invalid':
        arrives(world, { to, message: '' });
        break;
      case 'copy':
        arrives(world, first ?? { to });
        break;
      case 'reused':
        arrives(world, { ...first, to, message: `other ${at}` });
        break;
      default: {
        const message = arrives(world, { to, message: at });
        if (!first) this.first.set(to, message);
        if (kind === 'poisoned') world.ledger.poison.set(message.id, tries);
        if (kind === 'refused') world.ledger.refused.add(message.id);
      }
    }
  }

  private checkCommit(partition: number, next: number): void {
    const log = this.world.feed.records.messages[partition] ?? [];
    for (const record of log.slice(0, next)) {
      const kind = this.arrived.get(`${String(partition)}:${String(record.offset)}`);
      if (kind !== 'for-others' && !isFinal(this.world, record)) {
        this.problems.push(`committed ${String(partition)}:${String(next)} over ${String(record.offset)}`);
      }
    }
  }

  /** Checks at the end: one outcome each, in the order of the log, nobody's fault to nobody's message. */
  async verify(): Promise<void> {
    const { world } = this;
    const stored = new Set((await world.stored()).map(({ id }) => id));
    const failures = await world.failures();
    expect(this.problems).to.deep.equal([]);
    expect(failures.filter(({ id }) => stored.has(id))).to.deep.equal([]);
    for (const { id, disposition } of failures) {
      if (disposition === 'exhausted')
        expect(world.ledger.poison.has(id), 'a fault of its own').to.equal(true);
    }
    world.feed.records.messages.forEach((log, partition) => {
      expect(world.feed.committed.messages[partition]).to.equal(log.length);
    });
    for (const to of recipients) this.verifyOrder(to, world.ledger);
    const undecodable = [...this.arrived.values()].filter((kind) => kind === 'undecodable').length;
    expect(failures.filter(({ code }) => code === 'undecodable')).to.have.length(undecodable);
  }

  private verifyOrder(to: string, { events }: PlaguedLedger): void {
    const log = this.world.feed.records.messages[partitionOf(to)] ?? [];
    const expected = [...new Set(log.filter((r) => this.readTo(r) === to).map((r) => this.keyOf(r)))];
    const actual = events.filter(({ inbox }) => inbox === to).map(({ entry }) => keyOfEntry(entry));
    expect(actual, `order of ${to}`).to.deep.equal(expected);
    expect(
      events.filter(({ inbox }) => inbox === NO_RECIPIENT).every(({ kind }) => kind === 'recorded'),
    ).to.equal(true);
  }

  private readTo(record: LogRecord): string {
    return this.world.codec.decode(record).message.to;
  }

  private keyOf(record: LogRecord): string {
    const { message, content } = this.world.codec.decode(record);
    return `${message.id} ${content}`;
  }
}

function keyOfEntry(entry: PlaguedLedger['events'][number]['entry']): string {
  if (entry.kind === 'delivery') return `${entry.message.id} ${entry.content}`;
  return `${entry.letter.conflictsWith ?? entry.letter.id} ${entry.letter.content}`;
}

function isFinal(world: DeliveryWorld, record: LogRecord): boolean {
  const { message, content } = world.codec.decode(record);
  return world.ledger.events.some(({ entry }) => keyOfEntry(entry) === `${message.id} ${content}`);
}

describe('The delivery engine, whatever happens in whatever order', () => {
  it('gives each record one outcome, keeps each recipient in order, and commits only behind finished ones', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.constantFrom(0, 0, 20, 700), { minLength: 1, maxLength: 5 }),
        async (steps, batchSizes, latencies) => {
          const run = new Run(batchSizes, latencies);
          await run.play(steps);
          await run.verify();
        },
      ),
      { numRuns: 2000 },
    );
  });
});
