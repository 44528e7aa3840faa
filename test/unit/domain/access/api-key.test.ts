import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  callerWith,
  dayOf,
  InvalidKeyOrder,
  newKey,
  type ApiKey,
  type KeyOrder,
} from '../../../../src/domain/access/api-key.js';
import { keyIdIn, keyText, type KeyMaterial } from '../../../../src/domain/access/key-text.js';
import { ADMINISTRATOR, type Credential } from '../../../../src/domain/access/principal.js';
import { scopeSet, SCOPES } from '../../../../src/domain/access/scopes.js';

const NOW = 1_800_000_000_000;
const DAY_MS = 86_400_000;
const material: KeyMaterial = { id: '0123456789ab', secret: Uint8Array.from({ length: 32 }, (_, at) => at) };
const TEXT = 'pr_0123456789ab_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8ZEjbLw';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const id = fc.string({
  unit: fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyz'),
  minLength: 12,
  maxLength: 12,
});
const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('The text of a key', () => {
  it('has the prefix, the id, the secret and a checksum', () => {
    expect(keyText(material)).to.equal(TEXT);
    const highest = keyText({ id: 'zzzzzzzzzzzz', secret: new Uint8Array(32).fill(255) });
    expect(highest).to.equal('pr_zzzzzzzzzzzz___________________________________________8ebfajw');
  });

  it('is what Node makes of the same bytes, and has its id in it', () => {
    fc.assert(
      fc.property(id, secret, (given, bytes) => {
        const checked = `pr_${given}_${Buffer.from(bytes).toString('base64url')}`;
        const sum = Buffer.alloc(4);
        sum.writeUInt32BE(crc32(checked));
        const text = keyText({ id: given, secret: bytes });
        expect(text)
          .to.equal(checked + sum.toString('base64url'))
          .and.to.have.lengthOf(65);
        expect(keyIdIn(text)).to.equal(given);
      }),
    );
  });

  it('has no id if a character is wrong, missing or added', () => {
    fc.assert(
      fc.property(fc.nat(64), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        const changed = TEXT.slice(0, at) + character + TEXT.slice(at + 1);
        expect(keyIdIn(changed)).to.equal(changed === TEXT ? material.id : undefined);
      }),
    );
    for (const text of ['', 'pr_', TEXT.slice(1), `${TEXT}A`, ` ${TEXT}`, `${TEXT}\n`, TEXT.toUpperCase()]) {
      expect(keyIdIn(text)).to.equal(undefined);
    }
  });

  it('is not made of malformed material', () => {
    expect(() => keyText({ ...material, id: '0123456789aB' })).to.throw('malformed');
    expect(() => keyText({ ...material, secret: new Uint8Array(31) })).to.throw('malformed');
  });
});

describe('A new key', () => {
  const order: KeyOrder = { client: 'bob', scopes: ['inbox', 'send', 'send'] };
  const by = (credential: Credential) => ({ scopes: scopeSet(SCOPES), credential });
  const made = (changes: Partial<KeyOrder> = {}, credential: Credential = { kind: 'admin-key' }): ApiKey =>
    newKey({ ...order, ...changes }, by(credential), NOW, material, sha256).key;

  it('is stored without its text', () => {
    const { key, text } = newKey({ ...order, name: 'a laptop' }, ADMINISTRATOR, NOW, material, sha256);
    expect(text).to.equal(TEXT);
    expect(key).to.deep.equal({
      ...{ id: material.id, digest: sha256(TEXT), client: 'bob', scopes: ['send', 'inbox'] },
      ...{ name: 'a laptop', createdAt: NOW, createdBy: 'admin-key' },
    });
    expect(JSON.stringify(key)).to.not.include('AAECAwQ');
  });

  it('names the credential of its maker', () => {
    expect(made({}, { kind: 'key', id: 'abcdefghijkl' }).createdBy).to.equal('key:abcdefghijkl');
  });

  it('does not outlive the key of its maker', () => {
    const maker: Credential = { kind: 'key', id: 'k', expiresAt: NOW + 1_000 };
    expect(made({}, maker).expiresAt).to.equal(NOW + 1_000);
    expect(made({ expiresAt: NOW + 1 }, maker).expiresAt).to.equal(NOW + 1);
    expect(made({ expiresAt: NOW + 1_000 }, maker).expiresAt).to.equal(NOW + 1_000);
    expect(() => made({ expiresAt: NOW + 1_001 }, maker)).to.throw(InvalidKeyOrder, 'not be later than');
    expect(made({ expiresAt: NOW + 1_001 }).expiresAt).to.equal(NOW + 1_001);
    expect(made()).to.not.have.property('expiresAt');
  });

  it('lasts at most 90 days if it is made with a token', () => {
    const token: Credential = { kind: 'token', id: 'https://issuer', expiresAt: NOW + 1_000 };
    const latest = NOW + 90 * DAY_MS;
    expect(made({}, token).expiresAt).to.equal(latest);
    expect(made({ expiresAt: latest }, token).expiresAt).to.equal(latest);
    expect(() => made({ expiresAt: latest + 1 }, token)).to.throw(InvalidKeyOrder);
  });

  const invalid: readonly Partial<KeyOrder>[] = [
    ...[{ client: '' }, { client: '..' }, { client: 'a/b' }, { scopes: [] }, { name: '' }],
    ...[{ name: 'x'.repeat(129) }, { expiresAt: NOW }, { expiresAt: NaN }],
  ];
  for (const changes of invalid) {
    it(`is refused with ${JSON.stringify(changes)}`, () => {
      expect(() => made(changes))
        .to.throw(InvalidKeyOrder)
        .with.property('member', Object.keys(changes)[0]);
    });
  }
});

describe('The caller with a key', () => {
  const { key } = newKey({ client: 'bob', scopes: ['send'] }, ADMINISTRATOR, NOW, material, sha256);

  it('is its client with its scopes', () => {
    const caller = callerWith(key, NOW);
    expect(caller).to.deep.equal({
      ...{ client: 'bob', scopes: scopeSet(['send']), credential: { kind: 'key', id: material.id } },
    });
    expect(caller).to.satisfy(Object.isFrozen);
  });

  it('is none from the moment of expiry, or once the key is revoked', () => {
    const expiring = { ...key, expiresAt: NOW + 1 };
    expect(callerWith(expiring, NOW)).to.have.nested.property('credential.expiresAt', NOW + 1);
    expect(callerWith(expiring, NOW + 1)).to.deep.equal({ credential: 'expired' });
    expect(callerWith({ ...expiring, revokedAt: NOW }, NOW)).to.deep.equal({ credential: 'revoked' });
    expect(callerWith({ ...expiring, revokedAt: NOW }, NOW + 1)).to.deep.equal({ credential: 'revoked' });
  });

  it('uses it on a day in UTC', () => {
    expect(dayOf(Date.UTC(2027, 0, 15, 23, 59, 59, 999))).to.equal('2027-01-15');
  });
});
