import { createRequire } from 'node:module';

interface KafkajsClass {
  readonly prototype: object;
}

const require = createRequire(import.meta.url);
/** kafkajs exports none of these classes; they have to be the very ones that it uses. */
const load = (path: string): KafkajsClass => require(`kafkajs/src/${path}`) as KafkajsClass;

/** The times that kafkajs keeps and later compares with `Date.now()`. Its other ones are only shown in its events. */
const KEPT_TIMES = [
  // A request times out so long after.
  { in: load('network/requestQueue/socketRequest.js'), name: 'sentAt' },
  // Nothing is sent before.
  { in: load('network/requestQueue/index.js'), name: 'throttledUntil' },
  // The next heartbeat is due so long after.
  { in: load('consumer/consumerGroup.js'), name: 'lastRequest' },
  // The cluster's brokers and leaders are asked for again after it.
  { in: load('cluster/brokerPool.js'), name: 'metadataExpireAt' },
];

/**
 * kafkajs 2.2.4 measures by the wall clock. Set back by an hour, a consumer sends no heartbeat for an hour and so loses
 * its place in the group, and no request times out; set ahead, every request on its way times out at once. Here the
 * times that it keeps move with the clock: each is stored by elapsed time, and given back in terms of the wall clock
 * as it is then. A kafkajs that measures by `performance.now()` or `process.hrtime()` would make this unnecessary.
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
