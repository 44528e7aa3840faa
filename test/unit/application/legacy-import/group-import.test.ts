import { expect } from 'chai';
import type { PartitionPosition } from '../../../../src/application/ports/ledger.js';
import type { GroupOffsets, Offsets } from '../../../../src/application/ports/legacy.js';
import { GroupImport, type GroupStart } from '../../../../src/application/legacy-import/group-import.js';
import { InMemoryConsumerPositions } from '../../../support/memory/in-memory-consumer-positions.js';
import { FakeClock } from '../../../support/fake-clock.js';

const TARGETS = [
  { group: 'ours', topic: 'messages' },
  { group: 'our-failures', topic: 'dead' },
];

/** Dies after this many partitions, counted over all calls. */
class Ledger extends InMemoryConsumerPositions {
  diesAfter = Infinity;

  constructor() {
    super(() => true);
  }

  override async advance(rows: readonly PartitionPosition[]): Promise<void> {
    const left = rows.slice(0, this.diesAfter);
    await super.advance(left);
    if (left.length < rows.length) throw new Error('killed');
  }

  async at(group: string, topic: string): Promise<Readonly<Record<number, number>>> {
    const { positions } = await this.of(group, topic);
    return Object.fromEntries([...positions].map(([partition, { next }]) => [partition, next]));
  }
}

/** Groups in maps, by `group/topic`. */
class Groups implements GroupOffsets {
  readonly members = new Set<string>();
  readonly sets: string[] = [];
  /** The number of partitions that a call sets before it dies. */
  diesAfter = Infinity;
  private readonly offsets = new Map<string, Map<number, number>>();

  stands(group: string, topic: string, offsets: Readonly<Record<number, number>>): void {
    const pairs = Object.entries(offsets).map(([partition, offset]) => [Number(partition), offset] as const);
    this.offsets.set(`${group}/${topic}`, new Map(pairs));
  }

  at(group: string, topic: string): Readonly<Record<number, number>> {
    return Object.fromEntries(this.offsets.get(`${group}/${topic}`) ?? []);
  }

  committed(group: string, topic: string): Promise<Offsets> {
    return Promise.resolve(new Map(this.offsets.get(`${group}/${topic}`)));
  }

  hasMembers(group: string): Promise<boolean> {
    return Promise.resolve(this.members.has(group));
  }

  set(group: string, topic: string, offsets: Offsets): Promise<void> {
    this.sets.push(`${group}/${topic}`);
    const known = this.offsets.get(`${group}/${topic}`) ?? new Map<number, number>();
    this.offsets.set(`${group}/${topic}`, known);
    for (const [partition, offset] of offsets) {
      if (this.diesAfter-- <= 0) return Promise.reject(new Error('killed'));
      known.set(partition, offset);
    }
    return Promise.resolve();
  }
}

function setUp() {
  const groups = new Groups();
  const ledger = new Ledger();
  const clock = new FakeClock();
  const waits: string[] = [];
  const run = (): Promise<readonly GroupStart[]> =>
    new GroupImport(groups, ledger, clock).run('theirs', TARGETS, (group) => waits.push(group));
  return { groups, ledger, clock, waits, run };
}

describe("Starting at another program's committed offsets", () => {
  it('sets our groups to them, and leaves partitions without a commit unset', async () => {
    const { groups, ledger, run } = setUp();
    groups.stands('theirs', 'messages', { 0: 7, 2: 9 });
    groups.stands('theirs', 'dead', { 1: 3 });
    expect((await run()).map(({ partitions }) => partitions)).to.deep.equal([2, 1]);
    expect(groups.at('ours', 'messages')).to.deep.equal({ 0: 7, 2: 9 });
    expect(groups.at('our-failures', 'dead')).to.deep.equal({ 1: 3 });
    expect(await ledger.at('ours', 'messages')).to.deep.equal({ 0: 7, 2: 9 });
    expect(await ledger.at('our-failures', 'dead')).to.deep.equal({ 1: 3 });
  });

  it('leaves a group unchanged if the other program never read its topic', async () => {
    const { groups, run } = setUp();
    groups.stands('theirs', 'messages', { 0: 7 });
    groups.stands('our-failures', 'dead', { 0: 1 });
    expect((await run()).map(({ partitions }) => partitions)).to.deep.equal([1, 0]);
    expect(groups.at('our-failures', 'dead')).to.deep.equal({ 0: 1 });
  });

  it('does nothing when repeated', async () => {
    const { groups, run } = setUp();
    groups.stands('theirs', 'messages', { 0: 7 });
    await run();
    groups.members.add('ours');
    expect((await run()).map(({ partitions }) => partitions)).to.deep.equal([1, 0]);
    expect(groups.sets).to.deep.equal(['ours/messages']);
  });

  for (const sets of [0, 1, 2, 3]) {
    it(`continues after it was killed, after ${String(sets)} partitions`, async () => {
      const { groups, run } = setUp();
      groups.stands('theirs', 'messages', { 0: 7, 1: 8 });
      groups.stands('theirs', 'dead', { 0: 1, 1: 2 });
      groups.diesAfter = sets;
      expect(await run().catch((error: unknown) => error))
        .to.be.an('error')
        .with.property('message', 'killed');
      groups.diesAfter = Infinity;
      await run();
      expect(groups.at('ours', 'messages')).to.deep.equal({ 0: 7, 1: 8 });
      expect(groups.at('our-failures', 'dead')).to.deep.equal({ 0: 1, 1: 2 });
    });
  }

  for (const sets of [0, 1, 2, 3]) {
    it(`continues after it was killed, after ${String(sets)} partitions in the ledger`, async () => {
      const { groups, ledger, run } = setUp();
      groups.stands('theirs', 'messages', { 0: 7, 1: 8 });
      groups.stands('theirs', 'dead', { 0: 1, 1: 2 });
      ledger.diesAfter = sets;
      expect(await run().catch((error: unknown) => error)).to.be.an('error');
      expect(groups.sets).to.deep.equal([]);
      ledger.diesAfter = Infinity;
      await run();
      for (const all of [groups, ledger]) {
        expect(await all.at('ours', 'messages')).to.deep.equal({ 0: 7, 1: 8 });
        expect(await all.at('our-failures', 'dead')).to.deep.equal({ 0: 1, 1: 2 });
      }
    });
  }

  it('also sets the ledger if an earlier version had set only the groups', async () => {
    const { groups, ledger, run } = setUp();
    groups.stands('theirs', 'messages', { 0: 7, 1: 8 });
    groups.stands('ours', 'messages', { 0: 7, 1: 8 });
    await run();
    expect(groups.sets).to.deep.equal([]);
    expect(await ledger.at('ours', 'messages')).to.deep.equal({ 0: 7, 1: 8 });
  });

  it('fails if the ledger says that our group has started, even if Kafka has forgotten it', async () => {
    const { groups, ledger, run } = setUp();
    groups.stands('theirs', 'messages', { 0: 7 });
    const position = { next: 9, lost: 0 };
    await ledger.advance([{ group: 'ours', topic: 'messages', partition: 0, position }]);
    expect(await run().catch((refusal: unknown) => refusal)).to.have.property(
      'message',
      'The group ours has begun already (messages, partition 0, at offset 9): it can no longer begin where theirs stands.',
    );
    expect(groups.sets).to.deep.equal([]);
  });

  it('fails if the other group is unknown', async () => {
    const { groups, run } = setUp();
    const error = await run().catch((refusal: unknown) => refusal);
    expect(error).to.include({ code: 'group-not-taken' });
    expect(error).to.have.property(
      'message',
      'The group theirs has committed no offsets in messages or dead.',
    );
    expect(groups.sets).to.deep.equal([]);
  });

  it('fails, before anything is set, if one of our groups has started', async () => {
    const { groups, run } = setUp();
    groups.stands('theirs', 'messages', { 0: 7 });
    groups.stands('theirs', 'dead', { 0: 1 });
    groups.stands('our-failures', 'dead', { 0: 2 });
    const error = await run().catch((refusal: unknown) => refusal);
    const where = '(dead, partition 0, at offset 2)';
    expect(error).to.have.property(
      'message',
      `The group our-failures has begun already ${where}: it can no longer begin where theirs stands.`,
    );
    expect(groups.sets).to.deep.equal([]);
  });

  it('fails if ours has started in a partition that the other program never read', async () => {
    const { groups, run } = setUp();
    groups.stands('theirs', 'messages', { 0: 7 });
    groups.stands('ours', 'messages', { 1: 0 });
    expect(await run().catch((refusal: unknown) => refusal)).to.include({ code: 'group-not-taken' });
  });

  for (const group of ['theirs', 'ours']) {
    it(`waits for the members of ${group} to leave, so that its offsets no longer change`, async () => {
      const { groups, clock, waits, run } = setUp();
      groups.stands('theirs', 'messages', { 0: 7 });
      groups.members.add(group);
      const running = run();
      await clock.advance(5_000);
      expect([waits, groups.sets]).to.deep.equal([[group], []]);
      groups.members.clear();
      await clock.advance(1_000);
      await running;
      expect(groups.at('ours', 'messages')).to.deep.equal({ 0: 7 });
    });
  }

  it('fails if they do not leave', async () => {
    const { groups, clock, run } = setUp();
    groups.members.add('theirs');
    const running = run().catch((refusal: unknown) => refusal);
    await clock.advance(60_000);
    expect(await running).to.have.property(
      'message',
      'The group theirs still has members: stop the programs that consume in its name.',
    );
  });
});
