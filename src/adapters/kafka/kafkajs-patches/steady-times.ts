import { createRequire } from 'node:module';

interface KafkajsClass {
  readonly prototype: object;
}

const require = createRequire(import.meta.url);
/** kafkajs does not export these classes, which must be the same ones that it uses. */
const load = (path: string): KafkajsClass => require(`kafkajs/src/${path}`) as KafkajsClass;

/** The times that kafkajs stores and later compares with `Date.now()`. Its other times only appear in its events. */
const KEPT_TIMES = [
  // The request timeout is measured from this time.
  { in: load('network/requestQueue/socketRequest.js'), name: 'sentAt' },
  // Nothing is sent before this time.
  { in: load('network/requestQueue/index.js'), name: 'throttledUntil' },
  // The heartbeat interval is measured from this time.
  { in: load('consumer/consumerGroup.js'), name: 'lastRequest' },
  // The brokers and leaders are refreshed after this time.
  { in: load('cluster/brokerPool.js'), name: 'metadataExpireAt' },
];

/**
 * Makes kafkajs's timeouts independent of changes to the wall clock, by which kafkajs 2.2.4 measures. If the clock is
 * set back by an hour, a consumer sends no heartbeat for an hour, so it loses its place in the group, and no request
 * times out. If it is set ahead, every request in flight times out at once. The patch stores each time as elapsed time
 * and converts it back with the current wall clock when kafkajs reads it. A kafkajs that measures by
 * `performance.now()` or `process.hrtime()` would make this unnecessary.
 */
export function steadyTimes(): void {
  for (const { in: owner, name } of KEPT_TIMES) steady(owner.prototype, name);
}

function steady(prototype: object, name: string): void {
  if (Object.hasOwn(prototype, name)) return;
  const kept = new WeakMap<object, number | null>();
  Object.defineProperty(prototype, name, {
    configurable: true,
    get(this: object): number | null | undefined {
      const elapsed = kept.get(this);
      return typeof elapsed === 'number' ? elapsed + wallMinusElapsed() : elapsed;
    },
    set(this: object, time: number | null) {
      kept.set(this, time === null ? null : time - wallMinusElapsed());
    },
  });
}

function wallMinusElapsed(): number {
  // eslint-disable-next-line no-restricted-syntax -- what kafkajs has just read, or is about to compare with
  return Date.now() - performance.now();
}
