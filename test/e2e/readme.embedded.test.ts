import { expect } from 'chai';
import { allBetween } from '../support/docs/readme.js';
import { exchanges, followConversation } from '../support/docs/readme-conversation.js';
import { SpawnedProgram } from '../support/program/spawned-program.js';

const CALLS = [
  '/send-message ',
  '/send-messages ',
  '/clients/stock/inbox',
  '/clients/stock/inbox/stream ',
  '/clients/stock/inbox/read ',
  '/messages/',
  'Prefer: wait=',
];

describe('The README, followed to the letter', function () {
  this.timeout(60_000);

  it('has conversations that go as printed', async () => {
    const program = await SpawnedProgram.start({});
    try {
      await followConversation(program.url);
    } finally {
      await program.stop();
    }
  });

  it('shows every call that senders and recipients make', () => {
    const commands = exchanges().map(({ command }) => command);
    for (const call of CALLS) expect(commands.join('\n')).to.include(call);
    const printed = allBetween('conversation').join('').split('```sh').length - 1;
    expect(commands).to.have.length(printed);
  });
});
