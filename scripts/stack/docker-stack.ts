import { askKafka, askMongo } from './ask.js';
import { runCommand } from './run-command.js';
import { KAFKA, MONGODB } from './usual-addresses.js';

const SERVICES = ['kafka', 'mongodb'];

/** The servers of docker-compose.yml. */
export class DockerStack {
  constructor(
    private readonly kafka = KAFKA,
    private readonly mongodb = MONGODB,
  ) {}

  /** Starts the servers unless they answer already. Resolves when both answer. */
  async up(): Promise<void> {
    if (await this.ask().then(Boolean, () => false)) return;
    await runCommand('docker', ['compose', 'up', '-d', '--wait', ...SERVICES]);
    await this.ask();
  }

  /** Ends the servers, if they run. Resolves when they have ended. */
  async down(): Promise<void> {
    await runCommand('docker', ['compose', 'stop', ...SERVICES]);
  }

  private async ask(): Promise<true> {
    await Promise.all([askKafka(this.kafka), askMongo(this.mongodb, true)]);
    return true;
  }
}
