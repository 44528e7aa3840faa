import { freePort } from './free-port.js';
import { askKafka, askMongo, initiateReplicaSet } from './ask.js';
import { runCommand } from './run-command.js';
import type { Server } from './server.js';

const docker = (...args: string[]): Promise<string> => runCommand('docker', args);

/** A server in a container of its own, on a published loopback port. */
abstract class DockerServer implements Server {
  private created = false;

  protected constructor(
    private readonly name: string,
    readonly port: number,
  ) {}

  abstract get address(): string;
  protected abstract runArgs(): readonly string[];
  protected abstract answers(): Promise<unknown>;

  async start(): Promise<void> {
    // With --rm the container would be gone after a kill; it has to come back with its data.
    if (this.created) await docker('start', this.name);
    else await docker('run', '-d', '--name', this.name, ...this.runArgs());
    this.created = true;
    await this.untilItAnswers();
  }

  async stop(): Promise<void> {
    await docker('stop', this.name);
  }

  async kill(): Promise<void> {
    await docker('kill', '-s', 'KILL', this.name);
  }

  async pause(): Promise<void> {
    await docker('pause', this.name);
  }

  async resume(): Promise<void> {
    await docker('unpause', this.name);
  }

  async remove(): Promise<void> {
    await docker('rm', '-f', '-v', this.name);
  }

  private async untilItAnswers(): Promise<void> {
    for (const deadline = Date.now() + 90_000; ;) {
      try {
        await this.answers();
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }
}

export class DockerKafka extends DockerServer {
  static async create(): Promise<DockerKafka> {
    const port = await freePort();
    return new DockerKafka(`postrider-test-kafka-${String(port)}`, port);
  }

  get address(): string {
    return `127.0.0.1:${String(this.port)}`;
  }

  protected answers(): Promise<void> {
    return askKafka(this.address);
  }

  protected runArgs(): readonly string[] {
    const env = {
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_LISTENERS: `PLAINTEXT://:${String(this.port)},CONTROLLER://:9093`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${this.address}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    };
    const published = `${this.address}:${String(this.port)}`;
    const variables = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    return ['-p', published, ...variables, 'apache/kafka:4.1.0'];
  }
}

export class DockerMongo extends DockerServer {
  static async create(): Promise<DockerMongo> {
    const port = await freePort();
    return new DockerMongo(`postrider-test-mongodb-${String(port)}`, port);
  }

  get address(): string {
    return `mongodb://127.0.0.1:${String(this.port)}`;
  }

  protected async answers(): Promise<void> {
    await initiateReplicaSet(this.address, 'localhost:27017');
    await askMongo(this.address, true);
  }

  protected runArgs(): readonly string[] {
    return ['-p', `127.0.0.1:${String(this.port)}:27017`, 'mongo:7', '--replSet', 'rs0', '--bind_ip_all'];
  }
}
