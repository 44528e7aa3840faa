import { expect } from 'chai';
import fc from 'fast-check';
import { isMessageId } from '../../../src/domain/message.js';
import { identities, sha256 } from '../../support/builders.js';

const at = { topic: 'client-messages', partition: 3, offset: 41 };
const hash = (...parts: unknown[]): string => sha256(JSON.stringify(parts));

describe('identities', () => {
  it('are the first 12 bytes of SHA-256 over a JSON array that begins with a tag', () => {
    expect(identities.ofIdempotencyKey('a', 'k')).to.equal(hash('idempotency-key', 'a', 'k').slice(0, 24));
    expect(identities.ofForeignId('a', 'id')).to.equal(hash('foreign-id', 'a', 'id').slice(0, 24));
    expect(identities.ofReusedId('i', 'c')).to.equal(hash('reused-id', 'i', 'c').slice(0, 24));
    const record = hash('record', 'client-messages', 3, 41, 7, null, 'djE=').slice(0, 24);
    expect(identities.ofRecord(at, 7, null, 'djE=')).to.equal(record);
  });

  it('have the form of a message id', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (from, key) =>
        isMessageId(identities.ofIdempotencyKey(from, key)),
      ),
    );
  });

  it('differ by purpose', () => {
    const ids = [
      identities.ofIdempotencyKey('a', 'b'),
      identities.ofForeignId('a', 'b'),
      identities.ofReusedId('a', 'b'),
    ];
    expect(new Set(ids).size).to.equal(3);
  });

  it('do not depend on where one part ends and the next begins', () => {
    fc.assert(
      fc.property(fc.tuple(fc.string(), fc.string()), fc.tuple(fc.string(), fc.string()), (a, b) => {
        fc.pre(a[0] !== b[0] || a[1] !== b[1]);
        expect(identities.ofIdempotencyKey(...a)).not.to.equal(identities.ofIdempotencyKey(...b));
      }),
    );
  });

  it('of a record change with every part of it', () => {
    const ids = [
      identities.ofRecord(at, 7, 'a', 'b'),
      identities.ofRecord({ ...at, topic: 't' }, 7, 'a', 'b'),
      identities.ofRecord({ ...at, partition: 4 }, 7, 'a', 'b'),
      identities.ofRecord({ ...at, offset: 42 }, 7, 'a', 'b'),
      identities.ofRecord(at, 8, 'a', 'b'),
      identities.ofRecord(at, 7, null, 'b'),
      identities.ofRecord(at, 7, 'a', null),
    ];
    expect(new Set(ids).size).to.equal(ids.length);
  });
});

describe('the content of a message', () => {
  const message = { from: 'a', to: 'b', message: 'Grüße' };

  it('is the same however the same text was encoded', () => {
    const decomposed = { ...message, message: ' Gru\u0308\u0000ße\n' };
    expect(identities.contentOf(decomposed)).to.equal(identities.contentOf(message));
  });

  it('changes with sender, recipient and text', () => {
    const others = [{ from: 'x' }, { to: 'x' }, { message: 'x' }].map((part) => ({ ...message, ...part }));
    expect(new Set([message, ...others].map((m) => identities.contentOf(m))).size).to.equal(4);
  });

  it('is derived from the bytes if there is no text, and never equals that of a text', () => {
    expect(identities.contentOfBytes('AP8=')).to.equal(hash('content-bytes', 'AP8='));
    expect(identities.contentOfBytes(null)).not.to.equal(identities.contentOfBytes('null'));
  });
});
