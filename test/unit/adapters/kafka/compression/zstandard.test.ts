import zlib from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { decompressZstandard } from '../../../../../src/adapters/kafka/compression/zstandard.js';
import { COMPRESSED_BATCHES } from '../../../../support/kafka/compressed-batches.js';
import { damaged, elements, expanded } from './lz-elements.js';

/** `TEXT`, written by zstandard 0.25.0 for Python at level 3, in one block. */
const WHOLE = Buffer.from(
  'KLUv/WC4Cg0rADpk7AoM0OcQlmwuGQBMxTICpACpAKwABCIbNxOsSY3+lnZEy3J6lF2GeyuyAayW2PPHHmPekZO4CwrcOuHo3IkSQ0oY3uMJmkxsY45ELy7Fy3YGNwCBh8rbHitvkGoe6pdrvrpe8k2FXDjZmuKsWNnsJbLgojyBGoK/6W7vevDTOG2bgeuH2TyejSnci55UVUAQXBDEeGGmMj7+fN6TApSAXk53KJIS07yZOuGxd688eKxLHfrdX0JC6wEtCSdscwdIOTsiOLFLcDclpOaAWe2IV3OnylYibiT8YIFXZ2h6TaLquqQ1VWE3ah+dy5BJKtONHQLIbdOWUEtYNSIWswWQB8K0HsuB/OSJhCCn/gJQK1Q3kVbY+lqHGBmI3EeMlNEsBy0EUPFWuOnEEEojCY5hC76ke5xFP7yR9krZgWHBAP+OBOCRIIrQozCGvj+MnJLPLBusg2427FFPHfgCIoIr/9MZvYnSpqUOq1wts1YhjAW848kQCwMUnMG+92z6nKpjUQt4Fj8nARSyO5cnJJYEVjwksoUNoLjZr0vvnpMLT2x1RoLM0YJmYBlTDJIufx0TQ5QWMvmWAhKpnsjZQyVzeFvoITVGJ9VMJ1gQgS2S8SR3cbDJsPGexm01yo5WkgcDSOHgOyuj5HEuobg9GQfFJJKFWsAg+x151LAXdEmuZUovOJiCvSsaXLUfsEE1ATK1E9E6EmEJroekgRkdYlBnrUSPjIs20FQjSMN+wmAGuAviGCt2YI0j1RXSQCS+gpMX4QHrrgsIHtOJaBQfTaIho6SlYlEzkAuIoUEghxZCVgQqKKIdZIlNAhhLwsRBRmZPnXLXQcmGMgYxRizJeoeAX69TkdYMMxJsC36BRda3USIBidL6pCdXVzKzRKn8iKaIB1pVD2c0ABUUHrd5MOVNCA4sJkIPIjCRDvAwySaBTajxqHNKKREZUZAkSaExIQQIgkAcqMF3EWC3A2QGWl9LIT9WoPFLgDFbfEtrCX7pLZ5THmcUv/NFN5a7LorWMEiYU5PDm6Vfh+BRieLjqIqYn4BM4QH6E6m4wddTwN6jE1IOihhXAs/f3cw3422/FamReoJmORCMr4tCOxvOfJWhxZGIE1B0B1Ha/fekJxF8XayJaqnRp2RKj/NkGEa28vXxEUZ/fCmM/J2VbPasjCURPhI6/qXUgZ99BdLX2JgpjIGXiWsJu8RhHFcWEbwpRkWBsynGN3wCCMN5Hjd7I+aVYDCJu4OQRTILYNwaVLmndUEvC6wEhQdWso94xl+jLGZAp/wHT8SR4IHKDFFD6TALF+jNw1FvOhQHuTdsGtC0kgUQfRDMBnYIvpH4+62SLH3h2BlVEXWtYbMm4g91/JMV4EjeIkursZ7XjDJkkTjMz/PzTkq+ULOvFg9aCFu8gu/X5unY7AgAdIA7jhTX/fzQSq6Xh9X7CKCLh3MphrMxlYxMMJ3JDOisE+liz7PmoUTyH/uYl/xAsXpUszAuiwZufheIX6YoJDYvkAKK7qAdCvuOjxkktHgsH30QGG/0e8ytE4mqmFVRKuXRNYATrZoQywzBVssU0aBcNinJpZqEKDN8PK6MS8GMKLY2XRoPpKjiIZP4GBSTfXGkREifw/Vr2w+xFi2o5H+hEZ9878YKWOgE/2Il635tfEosL3fYnqAXQOMdEwzwZgX6u1iEDSslRcAk4HpQ1FT3Vc8BXbLQ/AeOORJZ372ZAyi0uyKCkDhOAMJHmptC4t3M/fomlEQmd0GSGO5T0wuj0hXcDHiaO34QQCFi1JGR9v1rBqHcGP7q/h32SebS14jJ2VI3nj+72WsCQ8MUvQgWqycsNR9bVQ==',
  'base64',
);
/** As above, with a checksum and a flush of a block after every 500 bytes. The later blocks use the first one's tables. */
const FLUSHED = Buffer.from(
  'KLUv/QRYJAcA1p42DNDnEJZsLhkATMUyAjMAMgAyAI0p3IueVFVA8ALBBUGMF2Yq4+PP5z0pQAno5XSHIikxzZupEx5798qDx7rUod/9JSS0Hpz+6mZBL/mmQi6c7BSvKc6Klc3e9o5IPgsuyhOoKx+Cv+lu73rw0zhtm4Hrh9ksksczcRcUOLFbJxydO1FiSAnDezxBk4ltzJnmSfTibZfiZTuDG4DAQ+Vtj5U3SDUPNS+8XBMFRAR3VuR/OglEtnHzZ4I1qdHf0o5o2Wc5Pcouw70VWd42gNUSe/7Ypx1j3pHbPgkBANOR2ZoC/AYAt1wwLgAwAC8A7cCwYIB/jzsS4A48EsmCKEKPwhj6/phv5JR85iyWjU6yDnrLzYY96mn+On/hA9c6xMhA5D5iZN5lNMtBC98IoOKtNlzMpxNDKI0kmOBj2IIv6R5n0Q/vxI20V8roHNu0JdQSVo20sVjMPqvTAEB+4+UDYRrtkhDHEshPnkgIcuovAEuxVqhuIny2wtYBbFkGyZakUuClXZ19hqbXJEpedT3N+ivL0GmsqQq7Ufvg1c7FqwyZpDLd2CGAXAgAe0UEzrbdSVyNIiORDS5cjXEjgzLiMlG72jwHAHcaLSsALAAsANPS04QPJGwzCdABUs6Om3XuJ4ITuwR3Uz4Oqcm+We3mJF7NnSpbibiR8D9txEExiWShFjDIfkcWK1N41LAXdEk6eS1TesHBN4+i7lke50WDq/YDNoizFezNiGif5C4ONhk23tO4rUbZ0TqFJA+mcgAp3G/wnfXhjJLHucWSQRdq7HkDnFfoyScx+ZYCEqmeyNlDJXM41JdtkLyFHlJjdBJZ1vD+wYJIKHu8PrBFBg8AVWSplhKXqYiWZRSiTIijlGszs0tkUnGUY8htz40Q7T+5WMCakyxuRSpNbRVbT1QHADdXJyYAJQAnANK75+TCE1udkSBzQzxrWlD75HycgWVMkVhX+i3KdUwMMVulOXkrZ/GcBFDIfr5z5RkH8QVOSCwJ/HjFQ/pJ/EFI2sJGsUBxs+T39dNSDatcLTMW2yoEC2QPhQW848lcGKBgXc9gX7Z6bfrf5VQdi1rPGc/LD57uh1LeKGRCcEB9i4nQSTeIwETaj3IY4IFsehPl7MbvLg0YAO+EILLlaJr0tnh5wBwxF+F8dUc5KDddq8ZtpJQlAzBfSCPawySLmWDOC0RPmCeakOkoTmTBzcW5IYqGG5Bol2jbj6UwIwbaBJwHAKcVJSUAIwAkACUSFJ9L65OeXF3JzBKl0hFNEYXWMKu+t3BG5Bz4HioojDnHjQ2Emgu82N7XvSnt9BhTpL6dNcOMZEmwb0bbC8JATiyyHlhtIxwmDmGfWGRk9vNacsrN1l/XQdlONpQxiCFrI7K9kqx3SJKwB/N002YKoSJrRZCggtmLaLc/ydKj18jqc+dlTpsEMJJgJT8eAKmnqC/p3CXkVUFq8oyKDJ+YHxj5hmC5ORVAbB8CW10jS0eXfGPVbElGJWSaL2XK3N6uMoajomWdUvCMr1gqTemvFFbXuR9yM/FTjoteiKRow7nIG7GuUm2FEKwHAOeUJCQAJQAiAH2IE9EoPuI0HEhLL1WsPEYBlg9qmhnM8YsyasvNDIihQZa1BnBGXhDHWDmwxvF4VPd6hDSYKiIsjzuv4ORyW4Rk5YB11wWUMQHt10OdlVfFnkr0STMKbVlku/1QQBOHO9IaQXonw34MZiMEMrVTVkSnryPZupD8yustkkgjH/KPNGoIiWD2Tcd3+W4VICAQRgSEIOY9ZJr82AMaw8azpEzT4eH41uYTDMe9nXKYKLoBVbYfoC363an9AG95zVHIx81NxycaJqGd34K+udtItTvhokU9MqKbGytlhX76I6ctdilf4xslb1FWAcEBAQAAV3rsPw==',
  'base64',
);
/** `LINES`, written at level 19, which repeats the last three distances, and one less than the last. */
const REPEATING = Buffer.from(
  'KLUv/WA/C4UJAIZRKRaQKx3XpW98Bqrq4i+3lDKlZNL5/Q9OLAAfAB8ArTMLi3O61cJymcpi/XgXEfBACIwEsVgUAoMMkORQYDCSBCJAxoAMEEUDcQQ0tZRdCl3PSwt9Lq5P5bXnCtWsNpZW12ztaZ+2LiMyprlYltUp6zKRrZ9JhVTUUpkykTpF6s3JnKFzTnSdqvfzOOf1v3Px1Hv5PHI7t8KejWzJWtc1D1u71cWIrICjqCGEff3vcC8VOhI4QWBEXDCEbfnt0aD9d5YarXW+yyN0jndJjA01lWkYuTVWYC2cRUUi6ccEvHAFjY7JLEDnhqI/SqcjjXML6YD2/qf/dvcrQMkVu2g3xfxqPxASotsYMEmdAOd9V6TkrzOn3C+4oWyVqs0X3Csq8mDNI6gudD6imFUFQKo=',
  'base64',
);
const TEXT = text(3_000);
const LINES = Array.from(
  { length: 86 },
  (_, index) =>
    `{"to":"c${String((index * index) % 41)}","message":"${String((index * 7919) % 613)} apples?"}\n`,
).join('');

/** Returns letters of different frequency. */
function text(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return 'abcdefgh eeeetttaaa\n'[state % 20];
  }).join('');
}

/** Node has it from version 22.15 on. */
const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: Buffer, options: object) => Buffer };
const COMPRESSION_LEVEL = 100;

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** A frame without a checksum, of blocks in their three parts: type, size and content. */
const frame = (...blocks: readonly (readonly [number, number, readonly number[]])[]): Buffer =>
  Buffer.from([
    ...[...MAGIC, 0, 0x58],
    ...blocks.flatMap(([type, size, content], index) => {
      const header = Number(index === blocks.length - 1) | (type << 1) | (size << 3);
      return [header & 0xff, (header >>> 8) & 0xff, header >>> 16, ...content];
    }),
  ]);
const A = 97;

const failure =
  (bytes: Buffer, maxBytes?: number): (() => unknown) =>
  () =>
    decompressZstandard(bytes, maxBytes);

describe('Decompressing Zstandard', () => {
  it('reads a block of four Huffman streams', () => {
    expect(decompressZstandard(WHOLE).toString()).to.equal(TEXT);
  });

  it('reads blocks that reuse tables, and skips the checksum', () => {
    expect(decompressZstandard(FLUSHED).toString()).to.equal(TEXT);
  });

  it('repeats the last three distances, and one less than the last', () => {
    expect(decompressZstandard(REPEATING).toString()).to.equal(LINES);
  });

  it('reads uncompressed blocks, repeated bytes, and several frames', () => {
    const skipped = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 1]);
    const one = frame([0, 2, [A, A + 1]], [1, 5, [A]]);
    expect(decompressZstandard(Buffer.concat([one, skipped, one])).toString()).to.equal('abaaaaaabaaaaa');
  });

  if (zstdCompressSync)
    it('restores what Node compresses, at any level', () => {
      fc.assert(
        fc.property(elements(4, 600), fc.integer({ min: -5, max: 19 }), (all, level) => {
          const bytes = expanded(all);
          const compressed = zstdCompressSync(bytes, { params: { [COMPRESSION_LEVEL]: level } });
          expect(decompressZstandard(compressed).equals(bytes)).to.equal(true);
        }),
      );
    });

  it('ends with the data or an error whichever bytes are damaged', () => {
    const batches = COMPRESSED_BATCHES.filter(({ codec }) => codec === 'ZSTD').map(({ bytes }) => bytes);
    for (const bytes of [...batches, WHOLE, FLUSHED])
      fc.assert(
        fc.property(damaged(bytes), (changed) => {
          try {
            expect(decompressZstandard(changed, 200_000).length).to.be.at.most(200_000);
          } catch (error) {
            expect(error).to.have.property('name', 'CorruptBatch');
          }
        }),
      );
  });

  it('rejects more bytes than the limit', () => {
    const bytes = frame([1, 1_000, [A]], [1, 1_000, [A]]);
    expect(decompressZstandard(bytes, 2_000)).to.have.length(2_000);
    expect(failure(bytes, 1_999)).to.throw('it has more than 1999 bytes');
  });

  it('rejects blocks that are too large, of an unknown type, or that need an earlier one', () => {
    expect(failure(frame([1, 131_073, [A]]))).to.throw('a block is too large');
    expect(failure(frame([3, 1, [A]]))).to.throw('the type of a block is unknown');
    expect(failure(frame([2, 5, [0x13, 0, 0, 0, 0]]))).to.throw('a Huffman table is missing');
    expect(failure(frame([2, 5, [0x08, A, 1, 0xfc, 1]]))).to.throw('a table is missing');
  });

  it('rejects a dictionary and other formats', () => {
    expect(failure(Buffer.from([...MAGIC, 1, 0x58, 7, 1, 0, 0]))).to.throw('it needs a dictionary');
    expect(failure(Buffer.from('plain text'))).to.throw('it is not a Zstandard frame');
    expect(failure(Buffer.alloc(0))).to.throw('it ends too early');
  });
});
