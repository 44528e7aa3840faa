import type { KafkaOptions } from './server.js';

export const CLUSTER_ID = 'cG9zdHJpZGVyLXRlc3RzMQ';

export interface KafkaNodeConfig {
  /** The host that the listeners bind to. */
  readonly host: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly dataFolder: string;
  /** The node's place in a cluster. Absent for a single node. */
  readonly member?: KafkaMember | undefined;
}

/** One node of a cluster. Each node is broker and controller. */
export interface KafkaMember {
  /** Counted from 1. */
  readonly nodeId: number;
  /** The controller ports of all nodes, in the order of their ids. */
  readonly controllerPorts: readonly number[];
}

/** The advertised `host:port`, to which clients reconnect. */
export function advertisedAddress(port: number, options: KafkaOptions): string {
  return `${options.advertisedHost ?? '127.0.0.1'}:${options.advertisedPort ?? port}`;
}

/**
 * Returns server.properties for a node that is broker and controller. A single node keeps one replica of
 * everything.
 */
export function kafkaProperties(config: KafkaNodeConfig, options: KafkaOptions): string {
  const overrides = config.member === undefined ? {} : clusterProperties(config.member);
  const properties = {
    ...listeners(config, options),
    ...singleNodeProperties(config),
    ...overrides,
    ...options.properties,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join('');
}

function listeners(config: KafkaNodeConfig, options: KafkaOptions): Record<string, string> {
  const { host, port, controllerPort } = config;
  const secured = Object.entries(options.secured ?? {});
  const securedListeners = secured.map(([protocol, securedPort]) => `${protocol}://${host}:${securedPort}`);
  const advertised = secured.map(([protocol, securedPort]) => `${protocol}://127.0.0.1:${securedPort}`);
  const controller = `127.0.0.1:${controllerPort}`;
  return {
    listeners: [`PLAINTEXT://${host}:${port}`, ...securedListeners, `CONTROLLER://${controller}`].join(','),
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

function singleNodeProperties({ dataFolder }: KafkaNodeConfig): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'log.dirs': dataFolder,
    // A killed broker can rejoin only when its last session has expired, by default after 9 s.
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

/** Replicates every topic to up to three nodes, and accepts writes while one of them is down. */
function clusterProperties({ nodeId, controllerPorts }: KafkaMember): Record<string, string> {
  const replicas = String(Math.min(3, controllerPorts.length));
  const minInSync = String(Math.min(2, controllerPorts.length));
  return {
    'node.id': String(nodeId),
    'controller.quorum.voters': controllerPorts
      .map((port, index) => `${String(index + 1)}@127.0.0.1:${String(port)}`)
      .join(','),
    // Longer than for one node, so that a live broker is not fenced on a busy machine.
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
