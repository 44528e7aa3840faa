import { expect } from 'chai';
import { eventually } from '../../support/eventually.js';
import {
  textOf,
  type RecordedAssignment,
  type RecordingSubscriber,
} from '../../support/delivery/recording-subscriber.js';
import { aRecord, append, Readers, type LogUnderTest, type MakeLog } from './log-under-test.js';

export interface FeedFeatures {
  /** Several members share the partitions of a group. */
  readonly sharedGroups: boolean;
}

/** Tests the obligations of a `RecordFeed`; see the port. */
export function recordFeedContract(name: string, make: MakeLog, features: FeedFeatures): void {
  describe(`${name}, as a RecordFeed`, () => {
    const readers = new Readers();
    let log: LogUnderTest;

    beforeEach(async () => {
      log = await make();
    });

    afterEach(async () => {
      await readers.close();
      await log.close();
    });

    const send = (...texts: string[]): Promise<void> =>
      append(log.messages, ...texts.map((t) => aRecord('b', t)));

    it('starts a new group at the earliest record', async () => {
      await send('one', 'two');
      const { reader } = await readers.join(log.feed);
      expect(await reader.waitForRecords(2)).to.deep.equal(['one', 'two']);
    });

    it('delivers records appended later, each once', async () => {
      const { reader } = await readers.join(log.feed);
      await send('one');
      await reader.waitForRecords(1);
      await send('two', 'three');
      expect(await reader.waitForRecords(3)).to.deep.equal(['one', 'two', 'three']);
    });

    it('continues after the committed offset', async () => {
      await send('one', 'two');
      const first = await readers.join(log.feed, {}, { commit: true });
      await first.reader.waitForRecords(2);
      await first.connection.close();
      await send('three');
      const second = await readers.join(log.feed);
      expect(await second.reader.waitForRecords(1)).to.deep.equal(['three']);
    });

    it('delivers uncommitted records again, in the same order', async () => {
      await send('one', 'two', 'three');
      const first = await readers.join(log.feed);
      await first.reader.waitForRecords(3);
      const [record] = first.reader.records;
      first.reader.assignments
        .find(({ records }) => records.length > 0)
        ?.partition.commit((record?.offset ?? 0) + 1);
      await first.connection.close();
      const second = await readers.join(log.feed);
      expect(await second.reader.waitForRecords(2)).to.deep.equal(['two', 'three']);
    });

    it('keeps groups independent of each other', async () => {
      await send('one');
      const first = await readers.join(log.feed, { group: 'first' }, { commit: true });
      await first.reader.waitForRecords(1);
      const second = await readers.join(log.feed, { group: 'second' });
      expect(await second.reader.waitForRecords(1)).to.deep.equal(['one']);
    });

    it('continues with other partitions while one does not accept more', async () => {
      const { reader } = await readers.join(log.feed, {}, { holds: ({ key }) => key?.toString() === 'slow' });
      await append(log.messages, aRecord('slow', 'slow 1'));
      await reader.waitForRecords(1);
      const slow = reader.records[0]?.partition;
      await append(log.messages, aRecord('slow', 'slow 2'));
      const keys = Array.from({ length: 20 }, (_, n) => `key-${String(n)}`);
      for (const round of [1, 2, 3]) {
        const elsewhere = (): number => reader.records.filter(({ partition }) => partition !== slow).length;
        const target = elsewhere() + 1;
        await append(log.messages, ...keys.map((key) => aRecord(key, `round ${String(round)}`)));
        await eventually(() => elsewhere() >= target);
      }
      expect(reader.texts).not.to.include('slow 2');
      reader.release();
      await eventually(() => reader.texts.includes('slow 2'));
      expect(reader.texts.filter((text) => text.startsWith('slow'))).to.deep.equal(['slow 1', 'slow 2']);
    });

    it('drains each reader before it revokes it when it is closed', async () => {
      await send('one');
      const { reader, connection } = await readers.join(log.feed);
      await reader.waitForRecords(1);
      await connection.close();
      expect(reader.assignments.every(({ drained, revoked }) => drained && revoked)).to.equal(true);
      await connection.close();
    });

    it('commits nothing for an assignment that has ended', async () => {
      await send('one');
      const { reader, connection } = await readers.join(log.feed);
      await reader.waitForRecords(1);
      await connection.close();
      for (const { partition } of reader.assignments) partition.commit(1);
      const next = await readers.join(log.feed);
      expect(await next.reader.waitForRecords(1)).to.deep.equal(['one']);
    });

    it('continues at the committed offset after a restart', async () => {
      if (log.reopen === undefined) return;
      await send('one');
      const { reader } = await readers.join(log.feed, {}, { commit: true });
      await reader.waitForRecords(1);
      await readers.close();
      log = await log.reopen();
      await send('two');
      const next = await readers.join(log.feed);
      expect(await next.reader.waitForRecords(1)).to.deep.equal(['two']);
    });

    if (!features.sharedGroups) return;

    it('shares the partitions of a group among its members, and reassigns them when a member leaves', async () => {
      const first = await readers.join(log.feed, {}, { commit: true });
      await eventually(() => first.reader.current.length > 1);
      const all = first.reader.current.length;
      const second = await readers.join(log.feed, {}, { commit: true });
      const split = (): boolean =>
        first.reader.current.length > 0 &&
        second.reader.current.length > 0 &&
        first.reader.current.length + second.reader.current.length === all;
      await eventually(split);
      await first.connection.close();
      await eventually(() => second.reader.current.length === all);
      const keys = Array.from({ length: 20 }, (_, n) => `key-${String(n)}`);
      await append(log.messages, ...keys.map((key) => aRecord(key, key)));
      await eventually(() => keys.every((key) => second.reader.texts.includes(key)));
    });

    it("delivers a member's uncommitted records to the next owner of the partition", async () => {
      const keys = Array.from({ length: 20 }, (_, n) => `key-${String(n)}`);
      await append(log.messages, ...keys.map((key) => aRecord(key, key)));
      const first = await readers.join(log.feed);
      await first.reader.waitForRecords(20);
      const second = await readers.join(log.feed);
      await first.connection.close();
      await eventually(() => keys.every((key) => second.reader.texts.includes(key)));
    });

    it('skips no record within or between assignments while members join and leave', async () => {
      const members = [await readers.join(log.feed, {}, { commit: true })];
      const all: RecordingSubscriber[] = [];
      const sent: string[] = [];
      for (let round = 0; round < 12; round += 1) {
        const texts = Array.from({ length: 10 }, (_, n) => `${String(n)} round ${String(round)}`);
        await append(log.messages, ...texts.map((text) => aRecord(text.split(' ')[0] ?? '', text)));
        sent.push(...texts);
        if (round % 4 === 1) members.push(await readers.join(log.feed, {}, { commit: true }));
        if (round % 4 === 3) await members.shift()?.connection.close();
        all.push(...members.map(({ reader }) => reader));
      }
      const assignments = (): RecordedAssignment[] =>
        [...new Set(all)].flatMap((reader) => reader.assignments);
      const received = (): string[] => assignments().flatMap(({ records }) => records.map(textOf));
      await eventually(() => sent.every((text) => received().includes(text)));
      for (const { records } of assignments()) {
        const offsets = records.map(({ offset }) => offset);
        const first = offsets[0] ?? 0;
        expect(offsets).to.deep.equal(offsets.map((_, n) => first + n));
      }
    });
  });
}
