import { expect } from 'chai';
import fc from 'fast-check';
import { ServedClients } from '../../../../src/domain/delivery/served-clients.js';
import type { LogRecord } from '../../../../src/application/ports/record-log.js';
import type { DeadLetter } from '../../../../src/domain/failures/failed-message.js';
import { NO_RECIPIENT } from '../../../../src/domain/delivery/settlement.js';
import {
  DeliveryWorld,
  PARKED_MAX,
  partitionOf,
  PARTITIONS,
  type WorldOptions,
} from '../../../support/delivery/delivery-world.js';
import { recipients, step, type Kind, type Step } from '../../../support/delivery/delivery-steps.js';
import type { FailingPartitions } from '../../../support/sending/failing-partitions.js';
import { partitionedWorld } from '../../../support/delivery/partitioned-dead-letters.js';
import type { UnreliableLedger } from '../../../support/delivery/ledger/unreliable-ledger.js';
import { appendRaw, appendMessage } from '../../../support/delivery/world-records.js';

/** One run: the records that arrived, and the invariants that hold throughout. */
class Run {
  readonly world: DeliveryWorld;
  readonly problems: string[] = [];
  private readonly partitions: FailingPartitions | undefined;
  private readonly arrived = new Map<string, Kind>();
  private readonly first = new Map<string, ReturnType<typeof appendMessage>>();
  private isCalm = false;

  constructor(
    batchSizes: readonly number[],
    latencies: readonly number[],
    appendLatencies: readonly number[],
    private readonly parkedMax: number,
    isPartitioned: boolean,
  ) {
    let batch = 0;
    let write = 0;
    let append = 0;
    const options: WorldOptions = {
      served: ServedClients.only(recipients),
      parkedMax,
      appendLatency: () => (this.isCalm ? 0 : (appendLatencies[append++ % appendLatencies.length] ?? 0)),
      batchSize: () => batchSizes[batch++ % batchSizes.length] ?? 1,
      latency: () => latencies[write++ % latencies.length] ?? 0,
      onCommit: (topic, partition, next) => {
        if (topic === 'messages') this.checkCommit(partition, next);
      },
    };
    const partitioned = isPartitioned ? partitionedWorld(options) : undefined;
    this.partitions = partitioned?.partitions;
    this.world = partitioned?.world ?? new DeliveryWorld(options);
    this.world.ledger.onFinal = ({ entry }) => {
      if (entry.kind === 'dead-letter') this.checkPublished(entry.letter);
    };
  }

  async play(steps: readonly Step[]): Promise<void> {
    await this.world.start(2);
    for (const next of steps) {
      await this.playOne(next);
      const bound = this.parkedMax * PARTITIONS * 2;
      if (this.world.maxParked > bound) this.problems.push(`parked ${String(this.world.maxParked)}`);
    }
    this.isCalm = true;
    this.partitions?.modes.clear();
    await this.world.settle();
  }

  private async playOne(next: Step): Promise<void> {
    const { world } = this;
    switch (next.do) {
      case 'arrive':
        this.arrive(next);
        break;
      case 'flood':
        for (const record of next.records) this.arrive({ ...record, tries: 1 });
        break;
      case 'advance':
        await world.clock.advance(next.ms);
        break;
      case 'outage':
        world.ledger.down = next.down;
        break;
      case 'responses-lost':
        world.ledger.responsesToLose = next.count;
        break;
      case 'appends-lost':
        world.deadLetterLog.responsesToLose = next.count;
        break;
      case 'dead-letter-log':
        world.deadLetterLog.down = next.down;
        break;
      case 'dead-letter-partition':
        this.partitions?.modes.set(next.partition, next.mode);
        break;
      case 'crash':
        await world.crashAndRestart(next.engines);
        break;
      case 'rebalance':
        world.feed.assign((partition, members) => (partition + next.engines) % members);
        break;
    }
  }

  private arrive({ kind, to, tries }: Omit<Extract<Step, { do: 'arrive' }>, 'do'>): void {
    const { world } = this;
    const at = `${String(partitionOf(to))}:${String(world.feed.records.messages[partitionOf(to)]?.length)}`;
    this.arrived.set(at, kind);
    const first = this.first.get(to);
    switch (kind) {
      case 'undecodable':
        appendRaw(world, to, { key: Buffer.from(to), value: Buffer.from([0xff]), headers: {} });
        break;
      case 'for-others':
        appendMessage(world, { to: `nobody-${to}` });
        break;
      case 'invalid':
        appendMessage(world, { to, message: '' });
        break;
      case 'copy':
        appendMessage(world, first ?? { to });
        break;
      case 'reused':
        appendMessage(world, { ...first, to, message: `other ${at}` });
        break;
      default: {
        const message = appendMessage(world, { to, message: at });
        if (!first) this.first.set(to, message);
        if (kind === 'poisoned') world.ledger.poison.set(message.id, tries);
        if (kind === 'refused') world.ledger.tooLarge.add(message.id);
      }
    }
  }

  private checkPublished({ id }: DeadLetter): void {
    const published = this.world.feed.records['dead-letters'].flat();
    if (!published.some(({ headers }) => headers['postrider.message-id'] === id))
      this.problems.push(`recorded ${id} before the topic had it`);
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

  /**
   * Checks that each record has one outcome, in the order of the log, and that no message failed without a
   * reason.
   */
  async verify(): Promise<void> {
    const { world } = this;
    const stored = new Set((await world.stored()).map(({ id }) => id));
    const failures = await world.failures();
    expect(this.problems).to.deep.equal([]);
    expect(world.maxParked).to.equal(0);
    expect(failures.filter(({ id }) => stored.has(id))).to.deep.equal([]);
    for (const { id, disposition } of failures) {
      if (disposition === 'exhausted')
        expect(world.ledger.poison.has(id), 'a fault of its own').to.equal(true);
    }
    world.feed.records.messages.forEach((log, partition) => {
      expect(world.feed.committed.messages[partition]).to.equal(log.length);
    });
    for (const to of recipients) this.verifyOrder(to, world.ledger);
    for (const to of recipients) this.verifyDeadLetters(to);
    const times = (code: string): number[] => failures.filter((f) => f.code === code).map((f) => f.failures);
    expect(times('undecodable')).to.deep.equal(this.ofKind('undecodable').fill(1));
    expect(times('invalid-message')).to.deep.equal(this.ofKind('invalid').fill(1));
  }

  private ofKind(kind: Kind): unknown[] {
    return [...this.arrived.values()].filter((arrived) => arrived === kind);
  }

  /**
   * Checks that recorded dead letters are on the topic in log order, counting the first write of each. One
   * that a process was writing when it crashed may arrive late, and has no effect.
   */
  private verifyDeadLetters(to: string): void {
    const recorded = this.world.ledger.events.filter(({ kind }) => kind === 'recorded');
    const keys = new Set(recorded.map(({ entry }) => keyOfEntry(entry)));
    const topic = this.world.feed.records['dead-letters'];
    const letters = topic.flat().map((record) => this.world.codec.decodeDeadLetter(record));
    const written = new Set(
      letters
        .filter((letter) => letter.to === to)
        .map(keyOfLetter)
        .filter((key) => keys.has(key)),
    );
    const expected = this.keysInLog(to).filter((key) => written.has(key));
    expect([...written], `dead letters of ${to}`).to.deep.equal(expected);
  }

  private verifyOrder(to: string, { events }: UnreliableLedger): void {
    const expected = this.keysInLog(to);
    const actual = events.filter(({ inbox }) => inbox === to).map(({ entry }) => keyOfEntry(entry));
    expect(actual, `order of ${to}`).to.deep.equal(expected);
    expect(
      events.filter(({ inbox }) => inbox === NO_RECIPIENT).every(({ kind }) => kind === 'recorded'),
    ).to.equal(true);
  }

  private keysInLog(to: string): string[] {
    const log = this.world.feed.records.messages[partitionOf(to)] ?? [];
    const decoded = log.map((record) => this.world.codec.decode(record));
    const keys = decoded.filter((d) => d.message.to === to).map((d) => `${d.message.id} ${d.content}`);
    return [...new Set(keys)];
  }
}

function keyOfEntry(entry: UnreliableLedger['events'][number]['entry']): string {
  if (entry.kind === 'delivery') return `${entry.message.id} ${entry.content}`;
  return keyOfLetter(entry.letter);
}

function keyOfLetter({ id, content, conflictsWith }: DeadLetter): string {
  return `${conflictsWith ?? id} ${content}`;
}

function isFinal(world: DeliveryWorld, record: LogRecord): boolean {
  const { message, content } = world.codec.decode(record);
  return world.ledger.events.some(({ entry }) => keyOfEntry(entry) === `${message.id} ${content}`);
}

describe('The delivery engine, under random events', () => {
  it('gives each record one outcome, keeps the order of each recipient, and commits only finished records', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.constantFrom(0, 0, 20, 700), { minLength: 1, maxLength: 5 }),
        fc.array(fc.constantFrom(0, 0, 20, 6_000), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(PARKED_MAX, 5 * PARKED_MAX),
        fc.boolean(),
        async (steps, batchSizes, latencies, appendLatencies, parkedMax, isPartitioned) => {
          const run = new Run(batchSizes, latencies, appendLatencies, parkedMax, isPartitioned);
          await run.play(steps);
          await run.verify();
        },
      ),
      { numRuns: 2000 },
    );
  });
});
