import { expect } from 'chai';
import fc from 'fast-check';
import type { Known } from '../../../../src/domain/delivery/fate.js';
import type { MessageId } from '../../../../src/domain/message.js';
import {
  idOf,
  inboxOf,
  MoreIdsNeeded,
  NO_RECIPIENT,
  settle,
} from '../../../../src/domain/delivery/settlement.js';
import type { Entry, Settlement } from '../../../../src/domain/delivery/settlement.js';
import { aDeadLetter, aDelivery, deadLetterOf, identities } from '../../../support/builders.js';

const NOW = 1_800_000_000_000;

/** Settles entries based on what is known, looking up more ids as a ledger does. */
function settled(
  entries: readonly Entry[],
  ledger: ReadonlyMap<MessageId, Known> = new Map(),
  lastNumbers: ReadonlyMap<string, number> = new Map(),
): Settlement {
  const known = new Map(entries.map((entry) => [idOf(entry), ledger.get(idOf(entry))]));
  for (;;) {
    const result = settle(entries, { known, lastNumbers, now: NOW }, identities);
    if (!(result instanceof MoreIdsNeeded)) return result;
    for (const id of result.ids) known.set(id, ledger.get(id));
  }
}

const kinds = ({ outcomes }: Settlement): string => outcomes.map(({ kind }) => kind).join(' ');

describe('settling', () => {
  it('continues the numbers of each inbox', () => {
    const entries = [aDelivery({ to: 'a' }), aDelivery({ to: 'b' }), aDelivery({ to: 'a' })];
    const { stored, inboxes } = settled(entries, new Map(), new Map([['a', 7]]));
    expect(stored.map(({ to, number, storedAt }) => [to, number, storedAt])).to.deep.equal([
      ['a', 8, NOW],
      ['b', 1, NOW],
      ['a', 9, NOW],
    ]);
    expect([...inboxes]).to.deep.equal([
      ['a', 2],
      ['b', 1],
    ]);
  });

  it('writes the inbox of a dead letter without assigning a number, or with the reserved one', () => {
    const { inboxes } = settled(
      [aDeadLetter({ to: 'a' }), aDeadLetter({ to: 'a b' })],
      new Map(),
      new Map([['a', 7]]),
    );
    expect([...inboxes]).to.deep.equal([
      ['a', 0],
      [NO_RECIPIENT, 0],
    ]);
  });

  it('writes nothing for duplicates', () => {
    const entry = aDelivery();
    const { outcomes, stored, failures, inboxes } = settled(
      [entry, deadLetterOf(entry)],
      new Map([[entry.message.id, { content: entry.content, stored: true }]]),
    );
    expect(outcomes).to.deep.equal([{ kind: 'duplicate' }, { kind: 'duplicate' }]);
    expect([stored.length, failures.length, inboxes.size]).to.deep.equal([0, 0, 0]);
  });

  it('requests the derived ids before it decides about a reused id', () => {
    const entry = aDelivery();
    const known = new Map([[entry.message.id, { content: 'other', stored: true }]]);
    const view = { known, lastNumbers: new Map<string, number>(), now: NOW };
    const derived = identities.ofReusedId(entry.message.id, entry.content);
    const asked = settle([entry], view, identities);
    expect(asked).to.be.instanceOf(MoreIdsNeeded);
    expect((asked as MoreIdsNeeded).ids).to.deep.equal([derived]);
    expect(settled([entry], known).outcomes).to.deep.equal([{ kind: 'reused', id: derived }]);
  });

  it('finds a free id after several that are used for other content', () => {
    const { letter } = aDeadLetter();
    const second = identities.ofReusedId(letter.id, letter.content);
    const third = identities.ofReusedId(second, letter.content);
    const taken = { content: 'other', stored: true };
    const { outcomes, failures } = settled(
      [{ kind: 'dead-letter', letter }],
      new Map([letter.id, second].map((id) => [id, taken])),
    );
    expect(outcomes).to.deep.equal([{ kind: 'recorded', id: third }]);
    expect(failures[0]).to.include({ id: third, conflictsWith: letter.id });
  });

  it('keeps the id that a dead letter names as conflicting', () => {
    const { letter } = aDeadLetter({ conflictsWith: 'the first' });
    const taken = new Map([[letter.id, { content: 'other', stored: true }]]);
    expect(settled([{ kind: 'dead-letter', letter }], taken).failures[0]?.conflictsWith).to.equal(
      'the first',
    );
  });

  it('defers the entries after a reused id, in that inbox only', () => {
    const entry = aDelivery({ to: 'a' });
    const taken = new Map([[entry.message.id, { content: 'other', stored: true }]]);
    const batch = [
      aDelivery({ to: 'a' }),
      entry,
      aDelivery({ to: 'a' }),
      aDelivery({ to: 'b' }),
      aDeadLetter({ to: 'a' }),
    ];
    expect(kinds(settled(batch, taken))).to.equal('stored reused deferred stored deferred');
  });

  // Few ids, recipients and texts, so that they collide. Compares one batch with the same entries settled one by one.
  const entry = fc
    .record({
      id: fc.integer({ min: 1, max: 4 }).map((n) => n.toString(16).padStart(24, '0')),
      to: fc.constantFrom('a', 'b'),
      message: fc.constantFrom('one', 'two'),
      replays: fc.nat(2),
      dead: fc.boolean(),
    })
    .map(({ dead, ...fields }): Entry => (dead ? aDeadLetter(fields) : aDelivery(fields)));

  it('decides a batch like its entries one by one', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
        const whole = settled(entries);
        const ledger = new Map<MessageId, Known>();
        const lastNumbers = new Map<string, number>();
        const deferredInboxes = new Set<string>();
        entries.forEach((current, i) => {
          if (deferredInboxes.has(inboxOf(current))) {
            expect(whole.outcomes[i]).to.deep.equal({ kind: 'deferred' });
            return;
          }
          const alone = settled([current], ledger, lastNumbers);
          expect(whole.outcomes[i]).to.deep.equal(alone.outcomes[0]);
          if (alone.outcomes[0]?.kind === 'reused') deferredInboxes.add(inboxOf(current));
          apply(alone, ledger, lastNumbers);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('never leaves a message both stored and open', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
        const ledger = new Map<MessageId, Known>();
        apply(settled(entries), ledger, new Map());
        for (const { stored, failure } of ledger.values()) {
          expect(stored && failure !== undefined && failure.state !== 'resolved').to.equal(false);
        }
      }),
    );
  });

  it('changes nothing when it is repeated', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
        const ledger = new Map<MessageId, Known>();
        const lastNumbers = new Map<string, number>();
        const first = settled(entries);
        apply(first, ledger, lastNumbers);
        const again = settled(entries, ledger, lastNumbers);
        again.outcomes.forEach((outcome, i) => {
          const before = first.outcomes[i]?.kind;
          if (before === 'reused' || before === 'deferred') return;
          expect(outcome.kind).to.be.oneOf(['duplicate', 'deferred']);
        });
      }),
    );
  });
});

function apply(
  settlement: Settlement,
  ledger: Map<MessageId, Known>,
  lastNumbers: Map<string, number>,
): void {
  for (const { id, content } of settlement.stored)
    ledger.set(id, { ...ledger.get(id), content, stored: true });
  for (const failure of settlement.failures) {
    const stored = ledger.get(failure.id)?.stored ?? false;
    ledger.set(failure.id, { content: failure.content, stored, failure });
  }
  for (const [inbox, given] of settlement.inboxes)
    lastNumbers.set(inbox, (lastNumbers.get(inbox) ?? 0) + given);
}
