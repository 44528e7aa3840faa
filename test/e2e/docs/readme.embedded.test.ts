import { expect } from 'chai';
import { CONVERSATIONS, exchangesOf, followConversation } from '../../support/docs/conversations.js';
import { partsOf } from '../../support/docs/documents.js';
import { Example } from '../../support/docs/example.js';
import { SpawnedProgram } from '../../support/program/spawned-program.js';

const CALLS = [
  '/send-message ',
  '/send-messages ',
  '/clients/warehouse/inbox',
  '/clients/warehouse/inbox/stream ',
  '/clients/warehouse/inbox/read ',
  '/messages/',
  '/failed-messages/groups',
  '/replay ',
  '/replays ',
  'Prefer: wait=',
];

describe('The commands of the documents', function () {
  this.timeout(60_000);
  let program: SpawnedProgram;

  beforeEach(async () => {
    program = await SpawnedProgram.start({});
  });
  afterEach(() => program.stop());

  for (const document of CONVERSATIONS) {
    it(`of ${document} print what the document shows`, () => followConversation(document, program.url));
  }

  it('do not use the names and keys of the example services', async () => {
    for (const document of CONVERSATIONS) await followConversation(document, program.url);
    const orders = new Example(
      [process.execPath, '--import', 'tsx', 'examples/two-services/service.ts', '3'],
      program.url,
    );
    try {
      await orders.waitForOutput('sent 3 orders');
    } finally {
      await orders.kill();
    }
  });
});

describe('The conversations in the documents', () => {
  it('show every call that senders, recipients and operators make', () => {
    const commands = CONVERSATIONS.flatMap(exchangesOf).map(({ command }) => command);
    for (const call of CALLS) expect(commands.join('\n')).to.include(call);
  });

  it('have expected output for each command', () => {
    for (const document of CONVERSATIONS) {
      const printed = partsOf(document, 'conversation').join('').split('```sh').length - 1;
      expect(exchangesOf(document), document).to.have.length(printed);
    }
  });
});
