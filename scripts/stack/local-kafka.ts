import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from './cache.js';
import { freePort } from './free-port.js';
import { pingKafka } from './ping.js';
import { kafkaJars } from './kafka-jars.js';
import {
  advertisedAddress,
  CLUSTER_ID,
  kafkaProperties,
  type KafkaMember,
  type KafkaNodeConfig,
} from './kafka-properties.js';
import { LocalServer, serverFolder } from './local-server.js';
import { runGuardedCommand } from './run-command.js';
import type { KafkaOptions } from './server.js';
import { ServerProcess } from './server-process.js';

export interface LocalKafkaOptions extends KafkaOptions {
  /** The data folder; a temporary one if absent. */
  readonly folder?: string;
  readonly member?: KafkaMember;
}

/** One Kafka node, broker and controller, on loopback. */
export class LocalKafka extends LocalServer {
  private constructor(
    folder: string,
    private readonly config: KafkaNodeConfig,
    private readonly options: LocalKafkaOptions,
  ) {
    super(folder);
  }

  static async create(options: LocalKafkaOptions = {}): Promise<LocalKafka> {
    const folder = await serverFolder('kafka', options.folder);
    const { member } = options;
    const config = {
      host: '127.0.0.1',
      port: options.port ?? (await freePort()),
      controllerPort: member?.controllerPorts[member.nodeId - 1] ?? (await freePort()),
      dataFolder: join(folder, 'data'),
      member,
    };
    return new LocalKafka(folder, config, options);
  }

  get port(): number {
    return this.config.port;
  }

  get address(): string {
    return advertisedAddress(this.port, this.options);
  }

  protected async launch(): Promise<ServerProcess> {
    const jars = await kafkaJars();
    const file = join(this.folder, 'server.properties');
    await writeFile(file, kafkaProperties(this.config, this.options));
    const java = [
      ...[`-Xmx${this.options.heap ?? '512m'}`, '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      ...[`-Dlog4j2.configurationFile=${join(jars, 'log4j2.yaml')}`, '-cp', join(jars, '*')],
    ];
    if (!(await exists(join(this.config.dataFolder, 'meta.properties')))) {
      const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', file];
      await runGuardedCommand('java', [...java, ...format, ...(this.options.formatArgs ?? [])]);
    }
    return new ServerProcess('java', [...java, 'kafka.Kafka', file], this.outputFile);
  }

  protected waitUntilReady(process: ServerProcess): Promise<void> {
    // Ask the broker directly, not through a proxy at the advertised port.
    const directAddress = `127.0.0.1:${this.port}`;
    return process.waitUntilReady(() => (this.options.ping ?? pingKafka)(directAddress), 60_000);
  }
}
