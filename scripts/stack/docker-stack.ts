import { pingKafka, pingMongo } from './ping.js';
import { runCommand } from './run-command.js';
import { KAFKA, MONGODB } from './default-addresses.js';

const SERVICES = ['kafka', 'mongodb'];

/** The servers of docker-compose.yml. */
export class DockerStack {
  constructor(
    private readonly kafka = KAFKA,
    private readonly mongodb = MONGODB,
  ) {}

  /** Starts the servers unless both already answer. Resolves when both answer. */
  async up(): Promise<void> {
    if (await this.ping().then(Boolean, () => false)) return;
    await runCommand('docker', ['compose', 'up', '-d', '--wait', ...SERVICES]);
    await this.ping();
  }

  /** Stops the servers if they run. Resolves when they have ended. */
  async down(): Promise<void> {
    await runCommand('docker', ['compose', 'stop', ...SERVICES]);
  }

  private async ping(): Promise<true> {
    await Promise.all([pingKafka(this.kafka), pingMongo(this.mongodb, true)]);
    return true;
  }
}
