import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { between } from '../support/readme.js';
import { SpawnedProgram } from '../support/spawned-program.js';

interface Exchange {
  readonly command: string;
  readonly answer: readonly string[];
}

const PATIENCE_MS = 5_000;
const run = promisify(execFile);

function exchanges(): Exchange[] {
  const blocks = between('conversation').matchAll(/```sh\n(.*?)```\n```\n(.*?)```/gs);
  return [...blocks].map(([, command = '', answer = '']) => ({
    command: command.trim(),
    answer: answer.trim().split('\n'),
  }));
}

describe('The README, followed to the letter', () => {
  it('has a first conversation that goes as printed', async () => {
    const program = await SpawnedProgram.start({});
    try {
      expect(exchanges()).to.have.length(4);
      for (const { command, answer } of exchanges()) {
        const here = command.replaceAll('http://127.0.0.1:3000', program.url);
        // What was sent is stored a moment later.
        let output = '';
        for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline;) {
          output = (await run('sh', ['-c', here])).stdout;
          if (answer.every((line) => output.includes(line))) break;
        }
        for (const line of answer) expect(output).to.include(line);
      }
    } finally {
      await program.stop();
    }
  });
});
