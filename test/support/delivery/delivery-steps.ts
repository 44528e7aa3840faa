import fc from 'fast-check';
import type { Mode } from '../sending/failing-partitions.js';
import type { UnreliableLedger } from './ledger/unreliable-ledger.js';

/** Messages that may arrive. */
export type Kind =
  'good' | 'copy' | 'reused' | 'invalid' | 'undecodable' | 'for-others' | 'poisoned' | 'refused';

/** Events that may happen to a delivery engine. */
export type Step =
  | { readonly do: 'arrive'; readonly kind: Kind; readonly to: string; readonly tries: number }
  | { readonly do: 'flood'; readonly records: readonly { readonly kind: Kind; readonly to: string }[] }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'outage'; readonly down: UnreliableLedger['down'] }
  | { readonly do: 'responses-lost' | 'appends-lost'; readonly count: number }
  | { readonly do: 'dead-letter-log'; readonly down: boolean }
  /** Whether the dead letters have partitions that fail independently. */
  | { readonly do: 'dead-letter-partition'; readonly partition: number; readonly mode: Mode }
  | { readonly do: 'crash' | 'rebalance'; readonly engines: number };

export const recipients = ['a', 'b', 'c', 'd'];

const arrival = fc.record({
  do: fc.constant('arrive' as const),
  kind: fc.constantFrom<Kind>(
    ...(['good', 'good', 'good', 'good', 'copy', 'reused', 'invalid'] as const),
    ...(['undecodable', 'for-others', 'poisoned', 'poisoned', 'refused'] as const),
  ),
  to: fc.constantFrom(...recipients),
  tries: fc.integer({ min: 1, max: 6 }),
});
/** Mostly rejected records of few recipients, so that many are consecutive. */
const flood = fc.record({
  do: fc.constant('flood' as const),
  records: fc.array(
    fc.record({
      kind: fc.constantFrom<Kind>('invalid', 'invalid', 'invalid', 'invalid', 'undecodable', 'good'),
      to: fc.constantFrom('a', 'a', 'a', 'b', 'c'),
    }),
    { minLength: 2, maxLength: 12 },
  ),
});
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: arrival },
  { weight: 2, arbitrary: flood },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(0, 100, 1_500, 9_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.oneof(
      fc.record({
        do: fc.constant('outage' as const),
        down: fc.constantFrom('unavailable' as const, 'unknown' as const, false as const),
      }),
      fc.record({
        do: fc.constantFrom('responses-lost' as const, 'appends-lost' as const),
        count: fc.integer({ min: 0, max: 8 }),
      }),
      fc.record({ do: fc.constant('dead-letter-log' as const), down: fc.boolean() }),
      fc.record({
        do: fc.constant('dead-letter-partition' as const),
        partition: fc.constantFrom(0, 1),
        mode: fc.constantFrom<Mode>('works', 'no-leader', 'lost-response', 'lost-request', 'hangs'),
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('crash' as const, 'rebalance' as const),
      engines: fc.integer({ min: 1, max: 2 }),
    }),
  },
);
