import { fullBackend } from '../support/program/full-backend.js';
import { followConversation } from '../support/docs/readme-conversation.js';
import { SpawnedProgram } from '../support/program/spawned-program.js';

describe('The README, followed to the letter on Kafka and MongoDB', function () {
  this.timeout(120_000);

  it('has conversations that go as printed', async () => {
    const program = await SpawnedProgram.start(await fullBackend());
    try {
      await followConversation(program.url);
    } finally {
      await program.stop();
    }
  });
});
