import { askKafka, askMongo } from './ask.js';
import { runCommand } from './run-command.js';
import { KAFKA, MONGODB } from './usual-addresses.js';

const SERVICES = ['kafka', 'mongodb'];

/** The servers of docker-compose.yml. */
export const dockerStack = {
  async up(): Promise<void> {
    await runCommand('docker', ['compose', 'up', '-d', '--wait', ...SERVICES]);
    await askKafka(KAFKA);
    await askMongo(MONGODB, true);
  },

  async down(): Promise<void> {
    await runCommand('docker', ['compose', 'stop', ...SERVICES]);
  },
};
