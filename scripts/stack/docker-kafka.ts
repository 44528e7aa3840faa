import { pingKafka } from './ping.js';
import { DockerServer } from './docker-server.js';
import { KAFKA_IMAGE } from './images.js';
import { freePort } from './free-port.js';
import { advertisedAddress, CLUSTER_ID, kafkaProperties } from './kafka-properties.js';
import type { KafkaOptions } from './server.js';

// The image's own entry point reads settings from variables and cannot pass options to the format step.
const START = `printf %s "$PROPERTIES" > /tmp/server.properties &&
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted -t ${CLUSTER_ID} -c /tmp/server.properties "$@" &&
exec /opt/kafka/bin/kafka-server-start.sh /tmp/server.properties`;

/** One Kafka node, broker and controller, in a container. */
export class DockerKafka extends DockerServer {
  private constructor(
    port: number,
    private readonly options: KafkaOptions,
  ) {
    super(`postrider-test-kafka-${port}`, port);
  }

  static async create(options: KafkaOptions = {}): Promise<DockerKafka> {
    return new DockerKafka(options.port ?? (await freePort()), options);
  }

  get address(): string {
    return advertisedAddress(this.port, this.options);
  }

  protected ping(): Promise<unknown> {
    return (this.options.ping ?? pingKafka)(`127.0.0.1:${this.port}`);
  }

  protected runArgs(): readonly string[] {
    const config = { host: '0.0.0.0', port: this.port, controllerPort: 9_093, dataFolder: '/tmp/kafka-data' };
    const ports = [this.port, ...Object.values(this.options.secured ?? {})];
    return [
      ...ports.flatMap((port) => ['-p', `127.0.0.1:${port}:${port}`]),
      ...['-e', `PROPERTIES=${kafkaProperties(config, this.options)}`],
      ...['-e', `KAFKA_HEAP_OPTS=-Xmx${this.options.heap ?? '512m'}`],
      ...[KAFKA_IMAGE, 'sh', '-c', START, 'start', ...(this.options.formatArgs ?? [])],
    ];
  }
}
