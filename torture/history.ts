/** The intended result of a send. */
export type Expectation = 'stored' | 'too-long' | 'invalid' | 'reused-key';

/**
 * The outcome of a send for its client. `accepted`: 201. `rejected`: 400 or 422. `not-sent`: the api answered that the
 * log does not have the message. `unknown`: anything else, including no response.
 */
export type SendOutcome = 'accepted' | 'rejected' | 'not-sent' | 'unknown';

/** One message from its sender's view. Times are milliseconds of the campaign's monotonic clock. */
export interface SentMessage {
  readonly from: string;
  readonly to: string;
  /** Unique within the campaign. */
  readonly text: string;
  readonly expected: Expectation;
  /** When the first attempt began. */
  readonly startedAt: number;
  /** When the last response arrived. */
  readonly endedAt: number;
  readonly outcome: SendOutcome;
  /** The id in the 201. */
  readonly id?: string;
}

export interface ReadRow {
  readonly cursor: string;
  readonly text: string;
}

/** Everything that one reader received from one inbox, from its first message on, in the order received. */
export interface ReaderView {
  readonly reader: string;
  readonly inbox: string;
  readonly rows: readonly ReadRow[];
}

export type ActionKind = 'replay' | 'correct' | 'discard';

/** One action of an operator on a failure. `unknown`: no response arrived, so it may have happened. */
export interface OperatorAction {
  readonly kind: ActionKind;
  readonly id: string;
  readonly outcome: 'done' | 'conflict' | 'unknown';
  /** The text of the corrected message. */
  readonly text?: string;
}

/** Everything that clients and operators saw. */
export interface History {
  readonly sends: readonly SentMessage[];
  readonly views: readonly ReaderView[];
  readonly actions: readonly OperatorAction[];
  /** The number of bulk replays started. Each may replay any failure. */
  readonly bulkReplays: number;
  /** Responses that no fault explains, such as a 500. */
  readonly unexplained: readonly string[];
}

export interface StoredRow {
  readonly id: string;
  readonly from: string;
  readonly text: string;
  readonly number: number;
}

export interface FailureRow {
  readonly id: string;
  readonly to: string;
  readonly text: string;
  readonly code: string;
  readonly state: string;
  readonly resolution?: string;
  readonly replays: number;
  /** Event names of its history, oldest first. */
  readonly events: readonly string[];
}

/** The content of the store when all messages and failures are settled. */
export interface FinalState {
  /** By recipient, in the order of the inbox numbers. */
  readonly inboxes: ReadonlyMap<string, readonly StoredRow[]>;
  /** The last number assigned, by recipient, from the inbox documents. */
  readonly lastNumbers: ReadonlyMap<string, number>;
  /** By id. */
  readonly failures: ReadonlyMap<string, FailureRow>;
}

export type Rule =
  | 'lost'
  | 'duplicate'
  | 'out-of-order'
  | 'phantom'
  | 'number-gap'
  | 'reader-view'
  | 'unexplained-failure'
  | 'failure-state'
  | 'unexplained-response';

export interface Violation {
  readonly rule: Rule;
  /** The inbox with the violation, if it concerns one. */
  readonly inbox?: string;
  readonly detail: string;
}
