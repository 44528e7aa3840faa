/** The sizes of one run. Every measurement is limited in time and in count. */
export interface Sizes {
  readonly rounds: number;
  readonly warmUpMs: number;
  /** Duration of one measurement of single sends. */
  readonly sendMs: number;
  readonly backlog: number;
  /** Limits of the naive consumer's drain, whichever is reached first. */
  readonly naiveBacklog: number;
  readonly naiveDrainMs: number;
  readonly latencyMs: number;
  /** Numbers of stored messages for the pages, which should cost the same, and for the stream of all messages. */
  readonly fewStored: number;
  readonly manyStored: number;
  /** Failed messages whose groups are counted. */
  readonly failedMessages: number;
  /** Failed messages in the bulk replay; a multiple of eight. */
  readonly replayedMessages: number;
  /** Records that fail decoding. */
  readonly rejectedRecords: number;
  /** Requests of each kind of page. */
  readonly pages: number;
  /** Messages per measurement of storage costs; fewer with small transactions. */
  readonly costMessages: number;
  /** Duration of each steady rate in the measurements with readers. */
  readonly readersMs: number;
  readonly overloadMs: number;
  readonly outageMs: number;
  /** Duration of the load before and after the outage. */
  readonly baselineMs: number;
  /** Absent if the run has no soak. */
  readonly soak?: { readonly early: number; readonly total: number };
}

export const FULL: Sizes = {
  rounds: 3,
  warmUpMs: 3_000,
  sendMs: 10_000,
  backlog: 200_000,
  naiveBacklog: 10_000,
  naiveDrainMs: 15_000,
  latencyMs: 15_000,
  fewStored: 10_000,
  manyStored: 1_000_000,
  failedMessages: 1_000_000,
  replayedMessages: 50_000,
  rejectedRecords: 50_000,
  pages: 600,
  costMessages: 40_000,
  readersMs: 8_000,
  overloadMs: 30_000,
  outageMs: 120_000,
  baselineMs: 5_000,
  soak: { early: 100_000, total: 1_000_000 },
};

export const QUICK: Sizes = {
  rounds: 1,
  warmUpMs: 1_500,
  sendMs: 4_000,
  backlog: 40_000,
  naiveBacklog: 2_000,
  naiveDrainMs: 6_000,
  latencyMs: 5_000,
  fewStored: 10_000,
  manyStored: 200_000,
  failedMessages: 100_000,
  replayedMessages: 8_000,
  rejectedRecords: 20_000,
  pages: 200,
  costMessages: 16_000,
  readersMs: 3_000,
  overloadMs: 14_000,
  outageMs: 8_000,
  baselineMs: 2_000,
};

export const RECIPIENTS = 100;
export const PARTITIONS = 12;
export const CONNECTIONS = 64;
/** Bytes of a message's text, without the JSON around it. */
export const MESSAGE_BYTES = 200;
export const LATENCY_RATE = 500;
export const BUSY_RATE = 5_000;
