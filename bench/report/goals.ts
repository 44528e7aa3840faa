import type { MeasureKey } from './measures.js';
import type { Results } from './results.js';

/** A target for the ratio of two medians, or for a figure with a bound taken from the same run. */
export type Goal =
  | { readonly measure: MeasureKey; readonly ratioTo: MeasureKey; readonly target: string }
  | {
      readonly measure: MeasureKey;
      readonly stat?: 'p99';
      readonly atMost: (results: Results) => number | undefined;
    }
  | { readonly measure: MeasureKey; readonly atLeast: number };

const constant = (bound: number) => (): number => bound;

/** Returns one and a half times the floor's p99, plus 10 ms. */
function tailBound(results: Results): number | undefined {
  const p99 = results.median('floor')?.p99;
  return p99 === undefined ? undefined : 1.5 * p99 + 10;
}

function latencyBound(results: Results): number | undefined {
  const raw = results.median('rawLatency')?.value;
  return raw === undefined ? undefined : raw + 15;
}

export const GOALS: readonly Goal[] = [
  { measure: 'sendsStopped', ratioTo: 'floor', target: '>= 1.0' },
  { measure: 'sendsStopped', stat: 'p99', atMost: tailBound },
  { measure: 'sendsStoring', ratioTo: 'floor', target: '>= 0.85' },
  { measure: 'sendsStoring', ratioTo: 'naiveSends', target: '>= 2.2' },
  { measure: 'sendsStoring', stat: 'p99', atMost: tailBound },
  { measure: 'sendsBacklog', atMost: constant(1) },
  { measure: 'embedded', ratioTo: 'floor', target: '>= 0.6' },
  { measure: 'batches', ratioTo: 'rawProduce', target: '>= 0.7' },
  { measure: 'drain', ratioTo: 'rawInsert', target: '>= 0.4' },
  { measure: 'drain', ratioTo: 'naiveDrain', target: '>= 40' },
  { measure: 'inboxLatency', atMost: latencyBound },
  { measure: 'liveLatency', atMost: constant(10) },
  { measure: 'liveLatency', stat: 'p99', atMost: constant(40) },
  { measure: 'liveBusyLatency', stat: 'p99', atMost: constant(100) },
  { measure: 'pageMany', ratioTo: 'pageFew', target: '<= 1.2' },
  { measure: 'pageToMany', ratioTo: 'pageToFew', target: '<= 1.2' },
  { measure: 'pageInboxMany', ratioTo: 'pageInboxFew', target: '<= 1.2' },
  { measure: 'streamMemory', atMost: constant(64) },
  { measure: 'groups', atMost: constant(100) },
  { measure: 'groupsStart', atMost: constant(100) },
  { measure: 'groupsStartEmbedded', atMost: constant(100) },
  { measure: 'replayedToMany', atLeast: 5_000 },
  { measure: 'replayedToEach', atLeast: 5_000 },
  { measure: 'rejectedOfOne', atLeast: 5_000 },
  { measure: 'rejectedOfMany', atLeast: 5_000 },
  { measure: 'rejectedOfNone', atLeast: 5_000 },
  { measure: 'overload503', atMost: constant(50) },
  { measure: 'overloadWithoutRetryAfter', atMost: constant(0) },
  { measure: 'overloadMemory', atMost: constant(64) },
  { measure: 'overloadLost', atMost: constant(0) },
  { measure: 'outageLost', atMost: constant(0) },
  { measure: 'soakApi', ratioTo: 'soakApiEarly', target: '<= 1.1' },
  { measure: 'soakReceiver', ratioTo: 'soakReceiverEarly', target: '<= 1.1' },
];
