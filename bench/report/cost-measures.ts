import type { Measure } from './measures.js';

interface Work {
  readonly what: string;
  /** The unit of work to which the microseconds refer. */
  readonly per: 'message' | 'record' | 'inbox update' | 'page';
}

const STORING = {
  storeRaw: { what: 'raw insertMany of 500 with our indexes', per: 'message' },
  storeHundred: { what: 'ledger, transactions of 500, 100 recipients', per: 'message' },
  storeEach: { what: 'ledger, transactions of 500, a recipient each', per: 'message' },
  storeTwenty: { what: 'ledger, transactions of 20, a recipient each', per: 'message' },
  storeFive: { what: 'ledger, transactions of 5, a recipient each', per: 'message' },
  storeSingle: { what: 'ledger, transactions of 1', per: 'message' },
} as const satisfies Record<string, Work>;

const LOGGING = {
  logBig: { what: 'kafkajs, requests of 500, written and read once', per: 'record' },
  logSmall: { what: 'kafkajs, requests of 20, written and read once', per: 'record' },
} as const satisfies Record<string, Work>;

const READING = {
  signalSteady: { what: 'change stream of one api, 1,000 updates/s', per: 'inbox update' },
  signalBusy: { what: 'change stream of one api, 5,000 updates/s', per: 'inbox update' },
  signalFull: { what: 'change stream of one api, full load', per: 'inbox update' },
  reader: { what: 'one live reader', per: 'message' },
  page50: { what: 'an inbox, 50 messages', per: 'page' },
  page100: { what: 'an inbox, 100 messages', per: 'page' },
} as const satisfies Record<string, Work>;

const STORES = {
  Alone: 'mongod alone',
  Primary: 'the primary of three mongod',
  Secondary: 'a secondary of three mongod',
} as const;

const BROKERS = {
  Alone: 'a broker alone',
  Leader: 'the leader of three brokers',
  Follower: 'a follower of three brokers',
} as const;

const READ_SIDE = { Api: 'the api', Mongod: 'mongod' } as const;

export type Storing = keyof typeof STORING;
export type Logging = keyof typeof LOGGING;
export type Reading = keyof typeof READING;

/** Returns the CPU measures of each process for each kind of work. */
export function costMeasures() {
  return {
    ...crossProduct(STORING, STORES),
    ...crossProduct(LOGGING, BROKERS),
    ...crossProduct(READING, READ_SIDE),
  };
}

/** Returns a measure for each pair of work and process. Its key is the concatenation of both keys. */
function crossProduct<K extends string, P extends string>(
  works: Readonly<Record<K, Work>>,
  processes: Readonly<Record<P, string>>,
): Record<`${K}${P}`, Measure> {
  const measures = Object.entries<Work>(works).flatMap(([key, { what, per }]) =>
    Object.entries<string>(processes).map(([suffix, process]) => [
      `${key}${suffix}`,
      { name: `CPU of ${process}: ${what}`, unit: `µs/${per}` },
    ]),
  );
  // The object has a member for every pair of keys.
  return Object.fromEntries(measures) as Record<`${K}${P}`, Measure>;
}
