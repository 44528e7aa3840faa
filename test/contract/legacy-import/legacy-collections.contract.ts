import { expect } from 'chai';
import type { LegacyCollections, LegacyKind } from '../../../src/application/ports/legacy.js';
import { anId, identities } from '../../support/builders.js';

/** A document of the NestJS service. */
export interface LegacySample {
  /** 24 hex digits. */
  readonly id: string;
  readonly from?: string;
  readonly to?: string;
  readonly message?: string;
}

export interface LegacyUnderTest {
  readonly collections: LegacyCollections;
  insert(kind: LegacyKind, ...samples: LegacySample[]): Promise<void>;
  /** The ids of the documents set aside, ascending. */
  aside(kind: LegacyKind): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Tests the obligations of the legacy collections; see the port. */
export function legacyCollectionsContract(name: string, factory: () => Promise<LegacyUnderTest>): void {
  describe(`${name} as the legacy collections`, function () {
    this.timeout(30_000);
    let used: LegacyUnderTest;
    beforeEach(async () => (used = await factory()));
    afterEach(() => used.close());

    const samples = (count: number): LegacySample[] =>
      Array.from({ length: count }, (_, index) => {
        return { id: anId(), from: 'clientA', to: 'clientB', message: `message ${String(index)}` };
      });
    const idsLeft = async (kind: LegacyKind, limit = 100): Promise<string[]> =>
      (await used.collections.first(kind, limit)).map(({ letter }) => letter.id);

    it('are empty if the NestJS service never used the database', async () => {
      for (const kind of ['messages', 'failures'] as const) {
        expect(await used.collections.count(kind)).to.equal(0);
        expect(await used.collections.first(kind, 10)).to.deep.equal([]);
        await used.collections.setAside(kind, []);
      }
    });

    it('return the oldest documents first, each kind separately', async () => {
      const [messages, failures] = [samples(5), samples(2)];
      await used.insert('messages', ...messages);
      await used.insert('failures', ...failures);
      expect(await used.collections.count('messages')).to.equal(5);
      expect(await idsLeft('messages', 3)).to.deep.equal(messages.slice(0, 3).map(({ id }) => id));
      expect(await idsLeft('failures', 3)).to.deep.equal(failures.map(({ id }) => id));
    });

    it("return the documents' content, and convert them to failures", async () => {
      const [sample] = samples(1);
      const texts = { from: 'clientA', to: 'clientB', message: 'message 0' };
      await used.insert('messages', sample!);
      const [item] = await used.collections.first('messages', 1);
      expect(item?.raw).to.deep.equal(texts);
      const content = identities.contentOf(texts);
      expect(item?.letter).to.include({ ...texts, id: sample!.id, content, replays: 0 });
    });

    it('report missing members', async () => {
      await used.insert('messages', { id: anId(), from: 'clientA' });
      const [item] = await used.collections.first('messages', 1);
      expect([item?.raw.from, item?.raw.to]).to.deep.equal(['clientA', undefined]);
      expect(item?.letter).to.include({ to: '', message: '' });
    });

    it('set documents aside on request, and do not return them again', async () => {
      const all = samples(4);
      await used.insert('messages', ...all);
      const first = await used.collections.first('messages', 3);
      await used.collections.setAside('messages', first);
      expect(await idsLeft('messages')).to.deep.equal([all[3]!.id]);
      expect(await used.collections.count('messages')).to.equal(1);
      expect(await used.aside('messages')).to.deep.equal(all.slice(0, 3).map(({ id }) => id));
      expect(await used.aside('failures')).to.deep.equal([]);
    });

    it('set a document aside once, if requested repeatedly or concurrently', async () => {
      const all = samples(50);
      await used.insert('failures', ...all);
      const items = await used.collections.first('failures', 50);
      await Promise.all([1, 2, 3].map(() => used.collections.setAside('failures', items)));
      await used.collections.setAside('failures', items);
      expect(await used.aside('failures')).to.deep.equal(all.map(({ id }) => id));
      expect(await idsLeft('failures')).to.deep.equal([]);
    });
  });
}
