import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { KeyDenied, ManageKeys, UnknownKey } from '../../../../src/application/access/manage-keys.js';
import { callerWith, InvalidKeyOrder, type ApiKey } from '../../../../src/domain/access/api-key.js';
import { keyIdIn } from '../../../../src/domain/access/key-text.js';
import { ADMINISTRATOR, isPrincipal, type Principal } from '../../../../src/domain/access/principal.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { InMemoryApiKeys } from '../../../support/memory/in-memory-api-keys.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('The management of keys', () => {
  let clock: FakeClock;
  let stored: InMemoryApiKeys;
  let keys: ManageKeys;

  beforeEach(() => {
    let made = 0;
    const next = () => ({ id: String((made += 1)).padStart(12, '0'), secret: new Uint8Array(32).fill(made) });
    clock = new FakeClock();
    stored = new InMemoryApiKeys();
    keys = new ManageKeys(stored, { next }, sha256, clock);
  });

  function callerOf(key: ApiKey): Principal {
    const caller = callerWith(key, clock.now());
    if (!isPrincipal(caller)) throw new Error(caller.credential);
    return caller;
  }

  it('stores a new key, whose text names its id and has its digest', async () => {
    const { key, text } = await keys.create({ client: 'bob', scopes: ['send'] }, ADMINISTRATOR);
    expect(key).to.include({ createdAt: clock.now(), createdBy: 'admin-key' });
    expect([keyIdIn(text), sha256(text)]).to.deep.equal([key.id, key.digest]);
    expect(await stored.find(key.id)).to.deep.equal(key);
  });

  it('stores nothing if the order is invalid', async () => {
    const refused = await keys
      .create({ client: '', scopes: ['send'] }, ADMINISTRATOR)
      .catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(InvalidKeyOrder);
    expect(await keys.list({})).to.deep.equal([]);
  });

  it('gives a client several keys, so that it can change them without a pause', async () => {
    const [first, second] = [
      await keys.create({ client: 'bob', scopes: ['send'] }, ADMINISTRATOR),
      await keys.create({ client: 'bob', scopes: ['send'] }, ADMINISTRATOR),
    ];
    await keys.revoke(first.key.id, ADMINISTRATOR);
    const states = (await keys.list({ client: 'bob' })).map((key) =>
      isPrincipal(callerWith(key, clock.now())),
    );
    expect(states).to.deep.equal([false, true]);
    expect((await keys.list({ client: 'bob' }))[1]).to.deep.equal(second.key);
  });

  it('lists keys by client and by maker', async () => {
    const { key } = await keys.create({ client: 'olga', scopes: ['keys:manage', 'metrics'] }, ADMINISTRATOR);
    const made = await keys.create({ client: 'bob', scopes: ['metrics'] }, callerOf(key));
    expect(await keys.list({ createdBy: `key:${key.id}` })).to.deep.equal([made.key]);
    expect(await keys.list({ client: 'olga' })).to.deep.equal([key]);
  });

  it('revokes a key once', async () => {
    const { key } = await keys.create({ client: 'bob', scopes: ['send'] }, ADMINISTRATOR);
    const revokedAt = clock.now();
    expect(await keys.revoke(key.id, ADMINISTRATOR)).to.deep.equal({ ...key, revokedAt });
    await clock.advance(1_000);
    expect(await keys.revoke(key.id, ADMINISTRATOR)).to.deep.equal({ ...key, revokedAt });
  });

  it('revokes only what the caller could make', async () => {
    const metrics = await keys.create({ client: 'olga', scopes: ['keys:manage', 'metrics'] }, ADMINISTRATOR);
    const sending = await keys.create({ client: 'bob', scopes: ['send'] }, ADMINISTRATOR);
    const olga = callerOf(metrics.key);
    const refused = await keys.revoke(sending.key.id, olga).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(KeyDenied).with.nested.property('denied.scope', 'send:*');
    expect(await stored.find(sending.key.id)).to.not.have.property('revokedAt');
    expect(await keys.revoke(metrics.key.id, olga)).to.have.property('revokedAt');
  });

  it('knows no key with an id that was never used', async () => {
    const refused = await keys.revoke('0'.repeat(12), ADMINISTRATOR).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(UnknownKey);
  });
});
