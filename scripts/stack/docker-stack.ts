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

  /** Resolves when both answer, also where they did already, whoever runs them. */
  async up(): Promise<void> {
    if (await this.ask().then(Boolean, () => false)) return;
    await runCommand('docker', ['compose', 'up', '-d', '--wait', ...SERVICES]);
    await this.ask();
  }

  /** Resolves when they have ended, also where none ran. */
  async down(): Promise<void> {
    await runCommand('docker', ['compose', 'stop', ...SERVICES]);
  }

  private async ask(): Promise<true> {
    await Promise.all([askKafka(this.kafka), askMongo(this.mongodb, true)]);
    return true;
  }
}
