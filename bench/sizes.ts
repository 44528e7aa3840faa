/** How much of everything one run does. Every run has an end in time and in count. */
export interface Sizes {
  readonly rounds: number;
  readonly warmUpMs: number;
  /** One measurement of single sends. */
  readonly sendMs: number;
  readonly backlog: number;
  /** Of the naive consumer's drain, whichever comes first. */
  readonly naiveBacklog: number;
  readonly naiveDrainMs: number;
  readonly latencyMs: number;
  /** Messages stored, for pages that should cost the same and for streaming all. */
  readonly fewStored: number;
  readonly manyStored: number;
  /** Failed messages whose groups are counted. */
  readonly failed: number;
  /** Failed messages that are replayed in one go; a multiple of eight. */
  readonly replayed: number;
  /** Records that are rejected on decoding. */
  readonly rejected: number;
  /** Requests of each kind of page. */
  readonly pages: number;
  /** Messages that each way of storing them is measured with; fewer in small transactions. */
  readonly costed: number;
  /** Of each steady rate at which readers are measured. */
  readonly followMs: number;
  readonly overloadMs: number;
  readonly outageMs: number;
  /** Load before and after the outage. */
  readonly calmMs: number;
  /** Absent where there is no soak. */
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
  failed: 1_000_000,
  replayed: 50_000,
  rejected: 50_000,
  pages: 600,
  costed: 40_000,
  followMs: 8_000,
  overloadMs: 30_000,
  outageMs: 120_000,
  calmMs: 5_000,
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
  failed: 100_000,
  replayed: 8_000,
  rejected: 20_000,
  pages: 200,
  costed: 16_000,
  followMs: 3_000,
  overloadMs: 14_000,
  outageMs: 8_000,
  calmMs: 2_000,
};

export const RECIPIENTS = 100;
export const PARTITIONS = 12;
export const CONNECTIONS = 64;
/** Of the text; what surrounds it in JSON comes on top. */
export const MESSAGE_BYTES = 200;
export const LATENCY_RATE = 500;
export const BUSY_RATE = 5_000;
