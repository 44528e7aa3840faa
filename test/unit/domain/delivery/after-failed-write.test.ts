import { expect } from 'chai';
import fc from 'fast-check';
import {
  afterFailedWrite,
  type AfterFailedWrite,
  type FailedWrite,
} from '../../../../src/domain/delivery/after-failed-write.js';
import { DeliveryPolicy } from '../../../../src/domain/delivery/delivery-policy.js';
import type { DeadLetter } from '../../../../src/domain/failures/failed-message.js';

const MIDDLE = 0.5;
const policy = new DeliveryPolicy({ max: 3, initialMs: 1_000, factor: 2, jitter: 0.2 });
const shorter = { id: 'shorter' } as DeadLetter;

const message: FailedWrite = {
  failure: 'unknown',
  entries: 1,
  othersSucceed: undefined,
  attempts: 0,
  isDeadLetter: false,
  shorter: undefined,
};
const letter: FailedWrite = { ...message, isDeadLetter: true };

const rejected = { failure: 'rejected' } as const;
const whileOthersSucceed = { othersSucceed: true };
const whileOthersFail = { othersSucceed: false };

/** In the order of the conditions in `afterFailedWrite`. */
const TABLE: readonly (readonly [string, FailedWrite, AfterFailedWrite])[] = [
  [
    'waits while the store is unavailable',
    { ...message, failure: 'unavailable', entries: 2 },
    { kind: 'wait' },
  ],
  ['splits a batch that failed', { ...message, entries: 2 }, { kind: 'split' }],
  ['splits a batch that the store rejects', { ...message, ...rejected, entries: 500 }, { kind: 'split' }],
  ['splits a batch of dead letters', { ...letter, ...rejected, entries: 2 }, { kind: 'split' }],
  ['probes after a message failed alone', message, { kind: 'probe' }],
  ['probes after a dead letter failed alone', letter, { kind: 'probe' }],
  [
    'waits while nothing else can be written either, even after the last retry',
    { ...message, ...whileOthersFail, attempts: 3 },
    { kind: 'wait' },
  ],
  [
    'waits with a dead letter while nothing else can be written',
    { ...letter, ...whileOthersFail },
    { kind: 'wait' },
  ],
  [
    'truncates a dead letter that is too large',
    { ...letter, ...rejected, shorter },
    { kind: 'truncate', attempts: 1, letter: shorter },
  ],
  [
    'retries a dead letter that cannot be truncated further',
    { ...letter, ...rejected, attempts: 1 },
    { kind: 'retry', attempts: 2, delayMs: 375 },
  ],
  [
    'retries a dead letter without limit while others succeed',
    { ...letter, ...whileOthersSucceed, attempts: 999 },
    { kind: 'retry', attempts: 1_000, delayMs: 3_750 },
  ],
  [
    'dead-letters a rejected message at once, without a probe',
    { ...message, ...rejected },
    { kind: 'dead-letter', attempts: 1, disposition: 'rejected' },
  ],
  [
    'dead-letters a rejected message whatever happens to others',
    { ...message, ...rejected, ...whileOthersFail },
    { kind: 'dead-letter', attempts: 1, disposition: 'rejected' },
  ],
  [
    'retries a message that fails alone while others succeed',
    { ...message, ...whileOthersSucceed },
    { kind: 'retry', attempts: 1, delayMs: 1_000 },
  ],
  [
    'doubles the delay of the second retry',
    { ...message, ...whileOthersSucceed, attempts: 1 },
    { kind: 'retry', attempts: 2, delayMs: 2_000 },
  ],
  [
    'doubles the delay of the third retry',
    { ...message, ...whileOthersSucceed, attempts: 2 },
    { kind: 'retry', attempts: 3, delayMs: 4_000 },
  ],
  [
    'dead-letters a message whose retries are exhausted',
    { ...message, ...whileOthersSucceed, attempts: 3 },
    { kind: 'dead-letter', attempts: 4, disposition: 'exhausted' },
  ],
];

const anyWrite = fc.record({
  failure: fc.constantFrom('unavailable' as const, 'rejected' as const, 'unknown' as const),
  entries: fc.integer({ min: 1, max: 500 }),
  othersSucceed: fc.option(fc.boolean(), { nil: undefined }),
  attempts: fc.nat(),
  isDeadLetter: fc.boolean(),
  shorter: fc.option(fc.constant(shorter), { nil: undefined }),
});
const anyRandom = fc.double({ min: 0, max: 0.99, noNaN: true });

describe('after a failed write', () => {
  for (const [title, write, next] of TABLE) {
    it(title, () => {
      expect(afterFailedWrite(write, policy, MIDDLE)).to.deep.equal(next);
    });
  }

  it('dead-letters a message after its first attempt if no retries are configured', () => {
    const none = new DeliveryPolicy({ max: 0, initialMs: 1_000, factor: 2, jitter: 0.2 });
    const next = afterFailedWrite({ ...message, ...whileOthersSucceed }, none, MIDDLE);
    expect(next).to.deep.equal({ kind: 'dead-letter', attempts: 1, disposition: 'exhausted' });
  });

  it('does nothing but wait while the store is unavailable', () => {
    fc.assert(
      fc.property(anyWrite, anyRandom, (write, random) => {
        const next = afterFailedWrite({ ...write, failure: 'unavailable' }, policy, random);
        expect(next).to.deep.equal({ kind: 'wait' });
      }),
    );
  });

  it('never dead-letters a dead letter', () => {
    fc.assert(
      fc.property(anyWrite, anyRandom, (write, random) => {
        const { kind } = afterFailedWrite({ ...write, isDeadLetter: true }, policy, random);
        expect(kind).to.not.equal('dead-letter');
      }),
    );
  });

  it('counts an attempt only for an entry that failed alone, and counts it once', () => {
    fc.assert(
      fc.property(anyWrite, anyRandom, (write, random) => {
        const next = afterFailedWrite(write, policy, random);
        if (!('attempts' in next)) return;
        expect(write.entries).to.equal(1);
        expect(next.attempts).to.equal(write.attempts + 1);
      }),
    );
  });

  it('decides without a second probe once the answer of the first is known', () => {
    fc.assert(
      fc.property(anyWrite, fc.boolean(), anyRandom, (write, othersSucceed, random) => {
        const { kind } = afterFailedWrite({ ...write, othersSucceed }, policy, random);
        expect(kind).to.not.equal('probe');
      }),
    );
  });
});
