import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from './cache.js';
import { freePort } from './free-port.js';
import { askKafka } from './ask.js';
import { kafkaJars } from './kafka-jars.js';
import { LocalServer, serverFolder } from './local-server.js';
import { runCommand } from './run-command.js';
import { ServerProcess } from './server-process.js';

const CLUSTER_ID = 'cG9zdHJpZGVyLXRlc3RzMQ';

export interface LocalKafkaOptions {
  readonly folder?: string;
  readonly port?: number;
  /** The port that clients are told to use, where something stands in between. */
  readonly advertisedPort?: number;
  readonly advertisedHost?: string;
  /** Added to server.properties; `listeners` and the like replace the plain one. */
  readonly properties?: Readonly<Record<string, string>>;
  /** For `StorageTool format`, such as `--add-scram`. */
  readonly formatArgs?: readonly string[];
  readonly heap?: string;
  /** How to see that it answers, where plain kafkajs can't. */
  readonly answers?: (address: string) => Promise<unknown>;
}

/** One Kafka node, broker and controller, on loopback. */
export class LocalKafka extends LocalServer {
  private constructor(
    folder: string,
    readonly port: number,
    private readonly controllerPort: number,
    private readonly options: LocalKafkaOptions,
  ) {
    super(folder, options.folder === undefined);
  }

  static async create(options: LocalKafkaOptions = {}): Promise<LocalKafka> {
    const folder = await serverFolder('kafka', options.folder);
    return new LocalKafka(folder, options.port ?? (await freePort()), await freePort(), options);
  }

  get address(): string {
    const { advertisedHost = '127.0.0.1', advertisedPort = this.port } = this.options;
    return `${advertisedHost}:${String(advertisedPort)}`;
  }

  protected async launch(): Promise<ServerProcess> {
    const jars = await kafkaJars();
    const file = join(this.folder, 'server.properties');
    await writeFile(file, this.properties());
    const java = [
      ...[`-Xmx${this.options.heap ?? '512m'}`, '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      ...[`-Dlog4j2.configurationFile=${join(jars, 'log4j2.yaml')}`, '-cp', join(jars, '*')],
    ];
    if (!(await exists(join(this.folder, 'data', 'meta.properties')))) {
      const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', file];
      await runCommand('java', [...java, ...format, ...(this.options.formatArgs ?? [])]);
    }
    return new ServerProcess('java', [...java, 'kafka.Kafka', file], this.outputFile, this.temporaryFolder);
  }

  protected untilItAnswers(process: ServerProcess): Promise<void> {
    // Asked directly, not through what may stand in between.
    const own = `127.0.0.1:${String(this.port)}`;
    return process.until(() => (this.options.answers ?? askKafka)(own), 60_000);
  }

  private properties(): string {
    const controller = `127.0.0.1:${String(this.controllerPort)}`;
    const properties: Record<string, string> = {
      'process.roles': 'broker,controller',
      'node.id': '1',
      'controller.quorum.voters': `1@${controller}`,
      'controller.listener.names': 'CONTROLLER',
      listeners: `PLAINTEXT://127.0.0.1:${String(this.port)},CONTROLLER://${controller}`,
      'advertised.listeners': `PLAINTEXT://${this.address}`,
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      'inter.broker.listener.name': 'PLAINTEXT',
      'log.dirs': join(this.folder, 'data'),
      'num.partitions': '1',
      'offsets.topic.replication.factor': '1',
      'offsets.topic.num.partitions': '4',
      'transaction.state.log.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'share.coordinator.state.topic.replication.factor': '1',
      'share.coordinator.state.topic.min.isr': '1',
      'group.initial.rebalance.delay.ms': '0',
      'auto.create.topics.enable': 'false',
      ...this.options.properties,
    };
    return Object.entries(properties)
      .map(([name, value]) => `${name}=${value}\n`)
      .join('');
  }
}
