/** A real server that tests and developers can start, kill and restart. Its data stays until `remove`. */
export interface Server {
  readonly port: number;
  /** `host:port` for Kafka, a `mongodb://` address without a database for MongoDB. */
  readonly address: string;
  /** Resolves when the server answers. After `stop` or `kill` it has the same port and data. */
  start(): Promise<void>;
  /** Shuts the server down cleanly. */
  stop(): Promise<void>;
  /** Kills the server. */
  kill(): Promise<void>;
  /** Freezes the server: it keeps its connections but does not answer. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Stops the server and deletes its data. */
  remove(): Promise<void>;
}

export type SecuredProtocol = 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';

export interface KafkaOptions {
  readonly port?: number;
  /** The port that clients must use if there is a proxy in front of the server. */
  readonly advertisedPort?: number;
  readonly advertisedHost?: string;
  /** Ports of additional listeners, by security protocol. */
  readonly secured?: Readonly<Partial<Record<SecuredProtocol, number>>>;
  /**
   * Overrides for server.properties. Keys and certificates must be PEM text, because a container cannot read the files
   * of its host.
   */
  readonly properties?: Readonly<Record<string, string>>;
  /** Arguments for `StorageTool format`, such as `--add-scram`. */
  readonly formatArgs?: readonly string[];
  readonly heap?: string;
  /** Resolves if the server answers. Needed if plain kafkajs cannot connect. */
  readonly ping?: (address: string) => Promise<unknown>;
}

export interface MongoOptions {
  readonly port?: number;
  /** Whether the server is a replica set of one node. True by default. */
  readonly replicaSet?: boolean;
  /** Enables access control, with the user `ADMIN` as administrator. Only for a replica set. */
  readonly auth?: boolean;
  /** Enables the commands of MongoDB's own tests, such as `configureFailPoint`. */
  readonly testCommands?: boolean;
}

export interface MongoServer extends Server {
  /** The address, with the administrator's credentials if access control is enabled. */
  readonly adminAddress: string;
}

export const ADMIN = { user: 'admin', password: 'admin' };

export function asAdmin(address: string, { auth }: MongoOptions): string {
  return auth === true ? address.replace('//', `//${ADMIN.user}:${ADMIN.password}@`) : address;
}
