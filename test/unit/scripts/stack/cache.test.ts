import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fetchOnce } from '../../../../scripts/stack/cache.js';

describe('The cache of fetched servers', () => {
  const before = process.env['POSTRIDER_CACHE'];
  let cache: string;

  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'postrider-cache-'));
    process.env['POSTRIDER_CACHE'] = cache;
  });

  afterEach(async () => {
    if (before === undefined) delete process.env['POSTRIDER_CACHE'];
    else process.env['POSTRIDER_CACHE'] = before;
    await rm(cache, { recursive: true });
  });

  const fill = (folder: string): Promise<void> => writeFile(join(folder, 'file'), 'content');

  it('is filled once', async () => {
    await fetchOnce('thing', fill);
    const folder = await fetchOnce('thing', () => Promise.reject(new Error('fetched again')));
    expect(await readFile(join(folder, 'file'), 'utf8')).to.equal('content');
  });

  it('is complete, with nothing beside it, when two processes fill it concurrently', async () => {
    await Promise.all([fetchOnce('thing', fill), fetchOnce('thing', fill)]);
    expect(await readdir(cache)).to.deep.equal(['thing']);
    expect(await readdir(join(cache, 'thing'))).to.deep.equal(['file']);
  });

  it('keeps nothing of a failed fetch', async () => {
    const failing = async (folder: string): Promise<void> => {
      await fill(folder);
      throw new Error('cut off');
    };
    const error: unknown = await fetchOnce('thing', failing).catch((reason: unknown) => reason);
    expect(String(error)).to.include('cut off');
    expect(await readdir(cache)).to.deep.equal([]);
  });
});
