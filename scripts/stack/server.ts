/** A real server that tests and developers start, lose and get back. Its data stays until `remove`. */
export interface Server {
  /** `host:port` for Kafka, a `mongodb://` address without a database for MongoDB. */
  readonly address: string;
  /** Resolves when it answers; also after `stop` and `kill`, on the same port with the same data. */
  start(): Promise<void>;
  /** In good order. */
  stop(): Promise<void>;
  /** At once, without any order. */
  kill(): Promise<void>;
  /** Holds it still: it keeps its connections and answers nothing. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it, and its data. */
  remove(): Promise<void>;
}
