import { CONVERSATIONS, followConversation } from '../../support/docs/conversations.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { SpawnedProgram } from '../../support/program/spawned-program.js';

describe('The commands of the documents, on Kafka and MongoDB', function () {
  this.timeout(120_000);

  it('print what the documents show', async () => {
    const program = await SpawnedProgram.start(await fullBackend());
    try {
      for (const document of CONVERSATIONS) await followConversation(document, program.url);
    } finally {
      await program.stop();
    }
  });
});
