import { expect } from 'chai';
import fc from 'fast-check';
import {
  firstFailure,
  type FailedMessage,
  type FailureState,
} from '../../../../src/domain/failures/failed-message.js';
import { fateOfDeadLetter, fateOfDelivery, type Known } from '../../../../src/domain/delivery/fate.js';
import { aGroup, aLetter } from '../../../support/builders.js';

const content = 'the content';

function failure(state: FailureState, replays: number): FailedMessage {
  return { ...firstFailure(aLetter({ content, replays }), 0, aGroup), state };
}

const failed = (state: FailureState, replays: number): Known => ({
  content,
  stored: false,
  failure: failure(state, replays),
});

/**
 * What the ledger holds, then the fate of a record that has been replayed twice: first if it is a delivery, then if it
 * is a dead letter.
 */
const ROWS: readonly (readonly [string, Known | undefined, delivery: string, deadLetter: string])[] = [
  ['nothing', undefined, 'store', 'insert'],
  ['stored, other content', { content: 'other', stored: true }, 'reused', 'reused'],
  ['failed, other content', { ...failed('unresolved', 2), content: 'other' }, 'reused', 'reused'],
  ['replaying, other content', { ...failed('replaying', 2), content: 'other' }, 'reused', 'reused'],
  ['stored, same content', { content, stored: true }, 'duplicate', 'nothing'],
  [
    'stored after it failed',
    { content, stored: true, failure: failure('resolved', 2) },
    'duplicate',
    'nothing',
  ],
  ['resolved or superseded', failed('resolved', 0), 'duplicate', 'nothing'],
  ['discarded', failed('discarded', 0), 'duplicate', 'nothing'],
  ['correcting', failed('correcting', 0), 'duplicate', 'nothing'],
  ['unresolved, replays > r', failed('unresolved', 3), 'duplicate', 'nothing'],
  ['unresolved, replays = r', failed('unresolved', 2), 'duplicate', 'nothing'],
  ['replaying, replays > r', failed('replaying', 3), 'duplicate', 'nothing'],
  ['replaying, replays = r', failed('replaying', 2), 'resolve', 'reopen'],
  ['unresolved, replays < r', failed('unresolved', 1), 'resolve', 'reopen'],
  ['replaying, replays < r', failed('replaying', 1), 'resolve', 'reopen'],
];

describe('the fate of a record', () => {
  for (const [name, known, delivery, deadLetter] of ROWS) {
    it(`is ${delivery} to deliver, ${deadLetter} as a dead letter, if the ledger holds ${name}`, () => {
      const claim = { content, replays: 2 };
      expect(fateOfDelivery(known, claim)).to.equal(delivery);
      expect(fateOfDeadLetter(known, claim)).to.equal(deadLetter);
    });
  }

  const state = fc.constantFrom<FailureState>(
    'unresolved',
    'replaying',
    'correcting',
    'resolved',
    'discarded',
  );
  const known = fc
    .record({ own: fc.boolean(), stored: fc.boolean(), state: fc.option(state), replays: fc.nat(4) })
    .map(({ own, stored, state: of, replays }): Known => {
      return { content: own ? content : 'other', stored, ...(of && { failure: failure(of, replays) }) };
    });

  it('changes the ledger for both kinds of record or for neither', () => {
    fc.assert(
      fc.property(fc.option(known, { nil: undefined }), fc.nat(4), (existing, replays) => {
        const delivery = fateOfDelivery(existing, { content, replays });
        const deadLetter = fateOfDeadLetter(existing, { content, replays });
        const pairs = ['store insert', 'resolve reopen', 'duplicate nothing', 'reused reused'];
        expect(pairs).to.include(`${delivery} ${deadLetter}`);
      }),
    );
  });

  it('never changes a closed failure or a stored message', () => {
    fc.assert(
      fc.property(known, fc.nat(4), (existing, replays) => {
        const closed = existing.failure?.state === 'resolved' || existing.failure?.state === 'discarded';
        fc.pre(existing.content === content && (existing.stored || closed));
        expect(fateOfDelivery(existing, { content, replays })).to.equal('duplicate');
      }),
    );
  });
});
