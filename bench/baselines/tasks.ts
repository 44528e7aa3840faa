/** What a baseline needs of the servers; some need none. */
export interface BaselineInput {
  readonly kafka: string;
  readonly mongodb: string;
  readonly topic: string;
}

/** A server that is measured against. */
export interface ServerTasks extends Readonly<Record<string, (input: never) => unknown>> {
  /** The port that it listens on. */
  readonly start: (input: BaselineInput) => Promise<number>;
}

/** A consumer that is measured against. */
export interface ConsumerTasks extends Readonly<Record<string, (input: never) => unknown>> {
  /** From the first record on. */
  readonly start: (input: BaselineInput) => Promise<void>;
  /** Messages stored so far. */
  readonly stored: (input: undefined) => number;
}
