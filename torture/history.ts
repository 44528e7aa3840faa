/** What a send is meant to come to, by the way it was made. */
export type Expectation = 'stored' | 'too-long' | 'invalid' | 'reused-key';

/**
 * How a send ended for its client. `accepted`: 201. `rejected`: 400 or 422. `not-sent`: the api said that the log does
 * not have it. `unknown`: anything else, no answer included.
 */
export type SendOutcome = 'accepted' | 'rejected' | 'not-sent' | 'unknown';

/** One message as its sender knows it. Times are milliseconds of the campaign's monotonic clock. */
export interface SentMessage {
  readonly from: string;
  readonly to: string;
  /** Unique within the campaign. */
  readonly text: string;
  readonly expected: Expectation;
  /** When the first try began. */
  readonly startedAt: number;
  /** When the last answer arrived. */
  readonly endedAt: number;
  readonly outcome: SendOutcome;
  /** The id in the 201. */
  readonly id?: string;
}

export interface ReadRow {
  readonly cursor: string;
  readonly text: string;
}

/** Everything that one reader received from one inbox, from its first message on, in the order of arrival. */
export interface ReaderView {
  readonly reader: string;
  readonly inbox: string;
  readonly rows: readonly ReadRow[];
}

export type ActKind = 'replay' | 'correct' | 'discard';

/** What an operator did to one failure. `unknown`: no answer, so it may have happened. */
export interface OperatorAct {
  readonly kind: ActKind;
  readonly id: string;
  readonly outcome: 'done' | 'conflict' | 'unknown';
  /** The text of the corrected message. */
  readonly text?: string;
}

/** Everything that clients and operators saw. */
export interface History {
  readonly sends: readonly SentMessage[];
  readonly views: readonly ReaderView[];
  readonly acts: readonly OperatorAct[];
  /** Whether a bulk replay was begun, which may replay any failure. */
  readonly bulkReplays: number;
  /** Answers that no fault explains, such as a 500. */
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

/** What the store holds once everything has come to rest. */
export interface FinalState {
  /** By recipient, in the order of the inbox numbers. */
  readonly inboxes: ReadonlyMap<string, readonly StoredRow[]>;
  /** The last number given, by recipient, as the inbox document has it. */
  readonly lastNumbers: ReadonlyMap<string, number>;
  /** By id. */
  readonly failures: ReadonlyMap<string, FailureRow>;
}

export type Rule =
  | 'lost'
  | 'doubled'
  | 'out-of-order'
  | 'phantom'
  | 'number-gap'
  | 'reader-view'
  | 'unexplained-failure'
  | 'failure-state'
  | 'unexplained-answer';

export interface Violation {
  readonly rule: Rule;
  /** The inbox that it was found in, where there is one. */
  readonly inbox?: string;
  readonly detail: string;
}
