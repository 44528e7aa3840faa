import type { KafkaOptions } from './server.js';

export const CLUSTER_ID = 'cG9zdHJpZGVyLXRlc3RzMQ';

export interface KafkaPlace {
  /** What the listeners bind to. */
  readonly host: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly dataFolder: string;
  /** Its place in a cluster; a node alone otherwise. */
  readonly member?: KafkaMember | undefined;
}

/** One node of a cluster, each of which is broker and controller. */
export interface KafkaMember {
  /** From 1. */
  readonly nodeId: number;
  /** Of all nodes, in the order of their ids. */
  readonly controllerPorts: readonly number[];
}

/** `host:port` that clients come back to. */
export function advertisedAddress(port: number, options: KafkaOptions): string {
  return `${options.advertisedHost ?? '127.0.0.1'}:${options.advertisedPort ?? port}`;
}

/** server.properties of a node that is broker and controller; alone it keeps one copy of everything. */
export function kafkaProperties(place: KafkaPlace, options: KafkaOptions): string {
  const ofCluster = place.member === undefined ? {} : clusterProperties(place.member);
  const properties = {
    ...listeners(place, options),
    ...ofOneNode(place),
    ...ofCluster,
    ...options.properties,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join('');
}

function listeners(place: KafkaPlace, options: KafkaOptions): Record<string, string> {
  const { host, port, controllerPort } = place;
  const secured = Object.entries(options.secured ?? {});
  const own = secured.map(([protocol, its]) => `${protocol}://${host}:${its}`);
  const advertised = secured.map(([protocol, its]) => `${protocol}://127.0.0.1:${its}`);
  const controller = `127.0.0.1:${controllerPort}`;
  return {
    listeners: [`PLAINTEXT://${host}:${port}`, ...own, `CONTROLLER://${controller}`].join(','),
    'advertised.listeners': [`PLAINTEXT://${advertisedAddress(port, options)}`, ...advertised].join(','),
    'listener.security.protocol.map': [
      ...['CONTROLLER:PLAINTEXT', 'PLAINTEXT:PLAINTEXT'],
      ...secured.map(([protocol]) => `${protocol}:${protocol}`),
    ].join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': `1@${controller}`,
  };
}

function ofOneNode({ dataFolder }: KafkaPlace): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'log.dirs': dataFolder,
    // A killed broker is let in again when its last session has ended; 9 s otherwise.
    'broker.session.timeout.ms': '2000',
    'broker.heartbeat.interval.ms': '500',
    'num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'auto.create.topics.enable': 'false',
  };
}

/** Every topic is replicated to three nodes, or as many as there are, and takes writes while one of them is away. */
function clusterProperties({ nodeId, controllerPorts }: KafkaMember): Record<string, string> {
  const replicas = String(Math.min(3, controllerPorts.length));
  const minInSync = String(Math.min(2, controllerPorts.length));
  return {
    'node.id': String(nodeId),
    'controller.quorum.voters': controllerPorts
      .map((port, index) => `${String(index + 1)}@127.0.0.1:${String(port)}`)
      .join(','),
    // Three JVMs beside the programs under test: a busy machine must not look like a dead broker.
    'broker.session.timeout.ms': '3000',
    'default.replication.factor': replicas,
    'min.insync.replicas': minInSync,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': minInSync,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': minInSync,
  };
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
