import { copyFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { EmbeddedHealth } from '../../../../../src/adapters/embedded/log/embedded-health.js';
import { EmbeddedStore } from '../../../../../src/adapters/embedded/store/embedded-store.js';
import { aRecord, append } from '../../../../contract/log/log-under-test.js';
import { EmbeddedFolder, embeddedLedger, embeddedLog } from '../../../../support/embedded/embedded.js';

const clock = { now: Date.now };

describe('The embedded store, on errors', () => {
  let folder: EmbeddedFolder;
  let file: string;

  beforeEach(async () => {
    folder = await EmbeddedFolder.create();
    file = join(folder.path, 'postrider.mdb');
  });

  afterEach(async () => {
    await folder.remove();
  });

  const opening = (): EmbeddedStore => EmbeddedStore.open(folder.path);

  it('names a file that is not a database', async () => {
    await writeFile(file, 'x'.repeat(100_000));
    expect(opening).to.throw(`${file} is damaged, or is no database`);
  });

  it('names a file that is too short for a database', async () => {
    await writeFile(file, 'hello');
    expect(opening).to.throw(`${file} is damaged, or is no database`);
  });

  it('names a database that was copied only in part', async () => {
    const { messages } = embeddedLog(await folder.open(), clock);
    for (let n = 0; n < 20; n += 1) await append(messages, aRecord(`client${String(n)}`, 'x'.repeat(5_000)));
    await (await folder.open()).close();
    await truncate(file, 12_288);
    expect(opening).to.throw(`${file} is damaged, or is no database`);
  });

  it('reports a file in place of the folder', async () => {
    await writeFile(join(folder.path, 'file'), '');
    expect(() => EmbeddedStore.open(join(folder.path, 'file'))).to.throw('EEXIST');
  });

  it('opens a complete copy of a database, and an empty file', async () => {
    const copy = await EmbeddedFolder.create();
    const { messages } = embeddedLog(await folder.open(), clock);
    await append(messages, aRecord('b', 'one'));
    await (await folder.open()).close();
    await copyFile(file, join(copy.path, 'postrider.mdb'));
    expect((await copy.open()).tables.log.getKeysCount({})).to.equal(1);
    await copy.remove();
    await writeFile(file, '');
    expect((await folder.open()).tables.log.getKeysCount({})).to.equal(0);
  });

  it('rejects sends while it closes, and says that nothing was sent', async () => {
    const store = await folder.open();
    const { messages } = embeddedLog(store, clock);
    const before = append(messages, aRecord('b', 'before'));
    const closing = store.close();
    const error: unknown = await append(messages, aRecord('b', 'late')).catch((reason: unknown) => reason);
    await closing;
    expect(error).to.include({ name: 'SendFailed', outcome: 'not-sent' });
    expect(error).to.have.nested.property('cause.cause.name', 'StoreClosed');
    await before;
    expect((await folder.open()).tables.log.getKeysCount({})).to.equal(1);
  });

  it('rejects calls after it was closed', async () => {
    const store = await folder.open();
    const { ledger, archive, reader } = embeddedLedger(store, clock);
    await store.close();
    const asked = [() => ledger.probe(), () => reader.page('b', 0, 10)];
    asked.push(async () => {
      for await (const _ of archive.messages({}));
    });
    for (const ask of asked) {
      const error: unknown = await ask().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.include({ name: 'DependencyUnavailable', dependency: 'store' });
    }
  });

  it('is down, with the kind of the error, until a write succeeds', async () => {
    const store = await folder.open();
    const health = new EmbeddedHealth('store', store, clock);
    const root = (store as unknown as { root: { transaction: unknown } }).root;
    const { transaction } = root;
    const cause = Object.assign(new Error('Input/output error'), { code: 5 });
    root.transaction = () => {
      const commitError = Promise.reject(cause);
      return Promise.reject(Object.assign(new Error('Commit failed'), { commitError }));
    };
    const { ledger } = embeddedLedger(store, clock);
    const error: unknown = await ledger.probe().catch((reason: unknown) => reason);
    expect(error).to.include({ name: 'DependencyUnavailable', dependency: 'store', cause });
    expect(health.status()).to.include({ state: 'down', lastError: 'EIO' });
    root.transaction = transaction;
    await ledger.probe();
    expect(health.status()).to.include({ state: 'up', lastError: 'EIO' });
  });
});
