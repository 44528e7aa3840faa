import { execFile } from 'node:child_process';
import { expect } from 'chai';
import { allBetween } from './readme.js';

interface Exchange {
  readonly command: string;
  readonly answer: readonly string[];
}

const URL_IN_README = 'http://127.0.0.1:3000';
const PATIENCE_MS = 20_000;

/** Every curl of the README's conversations with what it says that comes of it, in order. */
export function exchanges(): Exchange[] {
  const blocks = allBetween('conversation').flatMap((part) => [
    ...part.matchAll(/```sh\n(.*?)```\n```\n(.*?)```/gs),
  ]);
  return blocks.map(([, command = '', answer = '']) => ({
    command: command.trim(),
    answer: answer.trim().split('\n'),
  }));
}

/** Runs them as printed against a running program, one after the other, and finds each line of the answers. */
export async function followConversation(url: string): Promise<void> {
  for (const { command, answer } of exchanges()) {
    const here = command.replaceAll(URL_IN_README, url);
    // What was sent is stored a moment later.
    let output = '';
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline;) {
      output = await outputOf(here);
      if (answer.every((line) => output.includes(line))) break;
    }
    for (const line of answer) expect(output, command).to.include(line);
  }
}

/** A stream that curl leaves after its time is a failure to curl. */
function outputOf(command: string): Promise<string> {
  return new Promise((resolve) => execFile('sh', ['-c', command], (_, stdout) => resolve(stdout)));
}
