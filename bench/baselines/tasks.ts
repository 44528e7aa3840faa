/** The servers that a baseline uses. Some baselines use none. */
export interface BaselineInput {
  readonly kafka: string;
  readonly mongodb: string;
  readonly topic: string;
}

/** A server that serves as a baseline. */
export interface ServerTasks extends Readonly<Record<string, (input: never) => unknown>> {
  /** Starts the server. Resolves with its port. */
  readonly start: (input: BaselineInput) => Promise<number>;
}

/** A consumer that serves as a baseline. */
export interface ConsumerTasks extends Readonly<Record<string, (input: never) => unknown>> {
  /** Starts consuming from the first record. */
  readonly start: (input: BaselineInput) => Promise<void>;
  /** The number of messages stored so far. */
  readonly stored: (input: undefined) => number;
}
