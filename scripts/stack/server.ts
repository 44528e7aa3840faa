/** A real server that tests and developers start, lose and get back. Its data stays until `remove`. */
export interface Server {
  readonly port: number;
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

export type SecuredProtocol = 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';

export interface KafkaOptions {
  readonly port?: number;
  /** The port that clients are told to use, where something stands in between. */
  readonly advertisedPort?: number;
  readonly advertisedHost?: string;
  /** Listeners beside the plain one, by what is spoken on them, each on a port of its own. */
  readonly secured?: Readonly<Partial<Record<SecuredProtocol, number>>>;
  /**
   * Added to server.properties, over what stands there. Keys and certificates go in as PEM text: a container
   * does not see the files of its host.
   */
  readonly properties?: Readonly<Record<string, string>>;
  /** For `StorageTool format`, such as `--add-scram`. */
  readonly formatArgs?: readonly string[];
  readonly heap?: string;
  /** How to see that it answers, where plain kafkajs can't. */
  readonly answers?: (address: string) => Promise<unknown>;
}

export interface MongoOptions {
  readonly port?: number;
  /** A one-node replica set, unless false. */
  readonly replicaSet?: boolean;
  /** With access control, and the user `ADMIN` who may do everything. Only for a replica set. */
  readonly auth?: boolean;
  /** With the commands that MongoDB's own tests use, such as `configureFailPoint`. */
  readonly testCommands?: boolean;
}

export interface MongoServer extends Server {
  /** The address with the administrator's credentials, where there is access control. */
  readonly adminAddress: string;
}

export const ADMIN = { user: 'admin', password: 'admin' };

export function asAdmin(address: string, { auth }: MongoOptions): string {
  return auth === true ? address.replace('//', `//${ADMIN.user}:${ADMIN.password}@`) : address;
}
