import {
  changeElectionSettings,
  fetchHello,
  initiateMembers,
  type ElectionSettings,
  type Hello,
} from './ping.js';
import { LocalCluster } from './local-cluster.js';
import { LocalMongo } from './local-mongo.js';
import { retryUntil } from './retry-until.js';

export interface MongoSetOptions {
  readonly size?: number;
  /** Time without a primary before the members elect another: 3,000 by default, whereas MongoDB's default is 10,000. */
  readonly electionTimeoutMs?: number;
}

const ELECTION_WAIT_MS = 60_000;
const DEFAULT_ELECTION_TIMEOUT_MS = 3_000;

/** A MongoDB replica set of several nodes on loopback. */
export class LocalMongoSet extends LocalCluster<LocalMongo> {
  private constructor(
    nodes: readonly LocalMongo[],
    private readonly options: MongoSetOptions,
  ) {
    super(nodes);
  }

  static async create(options: MongoSetOptions = {}): Promise<LocalMongoSet> {
    const nodes: LocalMongo[] = [];
    while (nodes.length < (options.size ?? 3)) nodes.push(await LocalMongo.create({ isMember: true }));
    return new LocalMongoSet(nodes, options);
  }

  get address(): string {
    return this.databaseAddress('');
  }

  /** The connection string of one database. */
  databaseAddress(database: string): string {
    return `mongodb://${this.hosts().join(',')}/${database}?replicaSet=rs0`;
  }

  /**
   * Waits for a primary and resolves with it. If two nodes claim to be primary, resolves with the one elected
   * last.
   */
  async primary(): Promise<LocalMongo> {
    return retryUntil(async () => {
      const primaries = (await this.hellos()).filter(({ hello }) => hello?.isWritablePrimary);
      primaries.sort((a, b) => (String(a.hello?.electionId) < String(b.hello?.electionId) ? 1 : -1));
      const [latest] = primaries;
      if (latest === undefined) throw new Error('The replica set has no primary.');
      return latest.node;
    }, ELECTION_WAIT_MS);
  }

  /** Resolves with the nodes that are secondaries now. */
  async secondaries(): Promise<readonly LocalMongo[]> {
    return (await this.hellos()).filter(({ hello }) => hello?.secondary).map(({ node }) => node);
  }

  async waitUntilComplete(): Promise<void> {
    await retryUntil(async () => {
      const hellos = await this.hellos();
      const primaries = hellos.filter(({ hello }) => hello?.isWritablePrimary);
      const secondaries = hellos.filter(({ hello }) => hello?.secondary);
      if (primaries.length === 1 && secondaries.length === this.nodes.length - 1) return;
      throw new Error('Not every node of the replica set is its primary or a secondary.');
    }, ELECTION_WAIT_MS);
  }

  protected override async form(): Promise<void> {
    const [first] = this.nodes;
    if (first === undefined) throw new Error('A replica set has at least one node.');
    await initiateMembers(first.address, this.hosts(), electionSettings(DEFAULT_ELECTION_TIMEOUT_MS));
    const { electionTimeoutMs = DEFAULT_ELECTION_TIMEOUT_MS } = this.options;
    if (electionTimeoutMs === DEFAULT_ELECTION_TIMEOUT_MS) return;
    // The election timeout also delays a new set's first primary, so it is changed after the first election.
    await this.waitUntilComplete();
    await changeElectionSettings((await this.primary()).address, electionSettings(electionTimeoutMs));
  }

  private hosts(): readonly string[] {
    return this.nodes.map(({ port }) => `127.0.0.1:${String(port)}`);
  }

  /** Asks each node for its `hello`, which is undefined for one that is down or paused. */
  private hellos(): Promise<readonly { readonly node: LocalMongo; readonly hello: Hello | undefined }[]> {
    return Promise.all(
      this.nodes.map(async (node) => ({
        node,
        hello: await fetchHello(node.address).catch(() => undefined),
      })),
    );
  }
}

function electionSettings(ms: number): ElectionSettings {
  // A new primary waits this long for the oplog of a frozen member before it accepts writes.
  return { electionTimeoutMillis: ms, heartbeatTimeoutSecs: Math.ceil(ms / 1_000) };
}
