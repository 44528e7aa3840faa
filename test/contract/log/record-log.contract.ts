import { expect } from 'chai';
import { SendFailed } from '../../../src/application/errors.js';
import { aRecord, append, Readers, type LogUnderTest, type MakeLog } from './log-under-test.js';

/** Tests the obligations of a `RecordLog`; see the port. */
export function recordLogContract(name: string, make: MakeLog): void {
  describe(`${name}, as a RecordLog`, () => {
    const readers = new Readers();
    let log: LogUnderTest;

    beforeEach(async () => {
      log = await make();
    });

    afterEach(async () => {
      await readers.close();
      await log.close();
    });

    it('keeps key, value and headers unchanged', async () => {
      await append(log.messages, { ...aRecord('b', 'grüße', { 'x-one': '1', two: 'zwei' }) });
      await append(log.messages, { key: null, value: null, headers: {} });
      const { reader } = await readers.join(log.feed);
      await reader.waitForRecords(2);
      const written = reader.records.find(({ key }) => key !== null);
      expect(written?.key).to.deep.equal(Buffer.from('b'));
      expect(written?.value).to.deep.equal(Buffer.from('grüße'));
      expect(written?.headers).to.deep.equal({ 'x-one': '1', two: 'zwei' });
      expect(reader.records.find(({ key }) => key === null)).to.deep.include({ value: null, headers: {} });
    });

    it('returns one result per record, in order', async () => {
      const records = Array.from({ length: 50 }, (_, n) => aRecord(`key-${String(n)}`, String(n)));
      const results = await log.messages.append(records, new AbortController().signal);
      expect(results).to.deep.equal(records.map(() => 'appended'));
    });

    it('keeps the order of one key within a batch and across batches', async () => {
      for (const batch of [0, 1, 2]) {
        const records = Array.from({ length: 20 }, (_, n) => [
          aRecord('b', `b ${String(batch * 20 + n)}`),
          aRecord(`other-${String(n)}`, 'other'),
        ]);
        await append(log.messages, ...records.flat());
      }
      const { reader } = await readers.join(log.feed);
      const texts = (await reader.waitForRecords(120)).filter((text) => text.startsWith('b '));
      expect(texts).to.deep.equal(Array.from({ length: 60 }, (_, n) => `b ${String(n)}`));
    });

    it('puts records with the same key into one partition, and spreads keys over several', async () => {
      const keys = Array.from({ length: 40 }, (_, n) => `key-${String(n)}`);
      for (const round of ['one', 'two'])
        await append(log.messages, ...keys.map((key) => aRecord(key, round)));
      const { reader } = await readers.join(log.feed);
      await reader.waitForRecords(80);
      const partitions = new Map(reader.records.map(({ key, partition }) => [key?.toString(), partition]));
      expect(reader.records.every((r) => partitions.get(r.key?.toString()) === r.partition)).to.equal(true);
      expect(new Set(partitions.values()).size).to.be.greaterThan(1);
    });

    it('keeps its topics separate', async () => {
      await append(log.messages, aRecord('b', 'a message'));
      await append(log.deadLetters, aRecord('b', 'a dead letter'));
      const { reader } = await readers.join(log.feed, { topic: 'dead-letters', group: 'failures' });
      expect(await reader.waitForRecords(1)).to.deep.equal(['a dead letter']);
    });

    it('gives each record the time of its append', async () => {
      await append(log.messages, aRecord('b', 'one'), aRecord('b', 'two'));
      const { reader } = await readers.join(log.feed);
      await reader.waitForRecords(2);
      for (const { timestamp } of reader.records) expect(timestamp).to.be.a('number').greaterThan(1e12);
    });

    it('does not write a record whose caller has already aborted', async () => {
      const error: unknown = await log.messages
        .append([aRecord('b', 'too late')], AbortSignal.abort(new Error('given up')))
        .catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(SendFailed);
      expect((error as SendFailed).outcome).to.equal('not-sent');
      await append(log.messages, aRecord('b', 'in time'));
      const { reader } = await readers.join(log.feed);
      expect(await reader.waitForRecords(1)).to.deep.equal(['in time']);
    });

    it('rejects only the record that is too large', async function () {
      if (log.tooLargeBytes === undefined) return;
      const large = aRecord('b', 'x'.repeat(log.tooLargeBytes));
      const records = [aRecord('b', 'one'), large, aRecord('b', 'two')];
      const results = await log.messages.append(records, new AbortController().signal);
      expect(results).to.deep.equal(['appended', 'too-large', 'appended']);
      const { reader } = await readers.join(log.feed);
      const texts = await reader.waitForRecords(2);
      expect([...new Set(texts)]).to.deep.equal(['one', 'two']);
    });

    it('keeps confirmed records across a restart', async function () {
      if (log.reopen === undefined) return;
      await append(log.messages, aRecord('b', 'one'), aRecord('b', 'two'));
      log = await log.reopen();
      await append(log.messages, aRecord('b', 'three'));
      const { reader } = await readers.join(log.feed);
      expect(await reader.waitForRecords(3)).to.deep.equal(['one', 'two', 'three']);
    });

    it('can be closed twice', async () => {
      await log.messages.close();
      await log.messages.close();
    });
  });
}
