import type { MeasureKey } from './measures.js';
import type { Results } from './results.js';

/** A target for the ratio of two medians, or for a figure with a bound taken from the same run. */
export type Goal =
  | { readonly of: MeasureKey; readonly ratioTo: MeasureKey; readonly target: string }
  | {
      readonly of: MeasureKey;
      readonly stat?: 'p99';
      readonly atMost: (results: Results) => number | undefined;
    }
  | { readonly of: MeasureKey; readonly atLeast: number };

const constant = (bound: number) => (): number => bound;

/** One and a half times the floor's p99, plus 10 ms. */
function tailBound(results: Results): number | undefined {
  const p99 = results.median('floor')?.p99;
  return p99 === undefined ? undefined : 1.5 * p99 + 10;
}

function latencyBound(results: Results): number | undefined {
  const raw = results.median('rawLatency')?.value;
  return raw === undefined ? undefined : raw + 15;
}

export const GOALS: readonly Goal[] = [
  { of: 'sendsStopped', ratioTo: 'floor', target: '>= 1.0' },
  { of: 'sendsStopped', stat: 'p99', atMost: tailBound },
  { of: 'sendsStoring', ratioTo: 'floor', target: '>= 0.85' },
  { of: 'sendsStoring', ratioTo: 'naiveSends', target: '>= 2.2' },
  { of: 'sendsStoring', stat: 'p99', atMost: tailBound },
  { of: 'sendsLeft', atMost: constant(1) },
  { of: 'embedded', ratioTo: 'floor', target: '>= 0.6' },
  { of: 'batches', ratioTo: 'rawProduce', target: '>= 0.7' },
  { of: 'drain', ratioTo: 'rawInsert', target: '>= 0.4' },
  { of: 'drain', ratioTo: 'naiveDrain', target: '>= 40' },
  { of: 'inboxLatency', atMost: latencyBound },
  { of: 'liveLatency', atMost: constant(10) },
  { of: 'liveLatency', stat: 'p99', atMost: constant(40) },
  { of: 'liveBusyLatency', stat: 'p99', atMost: constant(100) },
  { of: 'pageMany', ratioTo: 'pageFew', target: '<= 1.2' },
  { of: 'pageToMany', ratioTo: 'pageToFew', target: '<= 1.2' },
  { of: 'pageInboxMany', ratioTo: 'pageInboxFew', target: '<= 1.2' },
  { of: 'streamMemory', atMost: constant(64) },
  { of: 'groups', atMost: constant(100) },
  { of: 'groupsStart', atMost: constant(100) },
  { of: 'groupsStartEmbedded', atMost: constant(100) },
  { of: 'replayedOfMany', atLeast: 5_000 },
  { of: 'replayedOfEach', atLeast: 5_000 },
  { of: 'rejectedOfOne', atLeast: 5_000 },
  { of: 'rejectedOfMany', atLeast: 5_000 },
  { of: 'rejectedOfNone', atLeast: 5_000 },
  { of: 'overloadRefusal', atMost: constant(50) },
  { of: 'overloadUnhelpful', atMost: constant(0) },
  { of: 'overloadMemory', atMost: constant(64) },
  { of: 'overloadLost', atMost: constant(0) },
  { of: 'outageLost', atMost: constant(0) },
  { of: 'soakApi', ratioTo: 'soakApiEarly', target: '<= 1.1' },
  { of: 'soakReceiver', ratioTo: 'soakReceiverEarly', target: '<= 1.1' },
];
