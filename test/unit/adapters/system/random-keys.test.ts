import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { RandomKeys } from '../../../../src/adapters/system/random-keys.js';
import { keyIdIn, keyText } from '../../../../src/domain/access/key-text.js';

describe('RandomKeys', () => {
  it('makes keys that are well formed, and different ones', () => {
    const source = new RandomKeys(randomBytes);
    const made = Array.from({ length: 200 }, () => source.next());
    for (const material of made) expect(keyIdIn(keyText(material))).to.equal(material.id);
    expect(new Set(made.map(({ id }) => id))).to.have.lengthOf(200);
    expect(new Set(made.map(({ secret }) => Buffer.from(secret).toString('hex')))).to.have.lengthOf(200);
  });

  it('uses every character of ids equally often', () => {
    let next = 0;
    const source = new RandomKeys((count) =>
      count === 32 ? new Uint8Array(32) : Uint8Array.from({ length: count }, () => next++ % 256),
    );
    const counts = new Map<string, number>();
    for (let at = 0; at < 2_000; at += 1) {
      for (const character of source.next().id) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts).to.have.lengthOf(36);
    const [least, most] = [Math.min(...counts.values()), Math.max(...counts.values())];
    expect(most / least).to.be.below(1.05);
  });

  it('does not use bytes that would favour some characters', () => {
    const bytes = [252, 253, 254, 255, 251];
    let next = 0;
    const source = new RandomKeys((count) =>
      Uint8Array.from({ length: count }, () => bytes[next++ % bytes.length] ?? 0),
    );
    expect(source.next().id).to.equal('z'.repeat(12));
  });
});
