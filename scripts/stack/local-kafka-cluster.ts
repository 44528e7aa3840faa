import { brokerIds } from './ping.js';
import { freePort } from './free-port.js';
import { LocalCluster } from './local-cluster.js';
import { LocalKafka } from './local-kafka.js';
import { retryUntil } from './retry-until.js';

export interface KafkaClusterOptions {
  readonly size?: number;
  /**
   * Overrides for server.properties of every node, such as `broker.session.timeout.ms`, after which a dead
   * node is fenced.
   */
  readonly properties?: Readonly<Record<string, string>>;
  /** The heap of each node. */
  readonly heap?: string;
}

const COMPLETE_TIMEOUT_MS = 60_000;

/** Kafka nodes on loopback, each broker and controller. Node n has the id n + 1. */
export class LocalKafkaCluster extends LocalCluster<LocalKafka> {
  private constructor(nodes: readonly LocalKafka[]) {
    super(nodes);
  }

  static async create({
    size = 3,
    properties = {},
    heap = '320m',
  }: KafkaClusterOptions = {}): Promise<LocalKafkaCluster> {
    const controllerPorts: number[] = [];
    while (controllerPorts.length < size) controllerPorts.push(await freePort());
    const nodes: LocalKafka[] = [];
    for (const [index] of controllerPorts.entries()) {
      nodes.push(
        await LocalKafka.create({ properties, heap, member: { nodeId: index + 1, controllerPorts } }),
      );
    }
    return new LocalKafkaCluster(nodes);
  }

  get address(): string {
    return this.nodes.map((node) => node.address).join(',');
  }

  /** Returns the node with this broker id, which metadata uses for leaders and replicas. */
  node(id: number): LocalKafka {
    const node = this.nodes[id - 1];
    if (node === undefined) throw new Error(`The cluster has no node ${String(id)}.`);
    return node;
  }

  /** Resolves when every node sees all nodes as live. */
  async waitUntilComplete(): Promise<void> {
    await retryUntil(async () => {
      for (const { address } of this.nodes) {
        const knownIds = await brokerIds(address);
        if (knownIds.length < this.nodes.length)
          throw new Error(`${address} knows only ${knownIds.join(', ')}.`);
      }
    }, COMPLETE_TIMEOUT_MS);
  }
}
