import { execFile } from 'node:child_process';
import { expect } from 'chai';
import { partsOf } from './documents.js';

interface Exchange {
  readonly command: string;
  readonly expectedLines: readonly string[];
}

/** The documents with commands for a new Postrider, in the order in which the README links to them. */
export const CONVERSATIONS = ['README.md', 'docs/api.md'];

const PRINTED_URL = 'http://127.0.0.1:3000';
const TIMEOUT_MS = 20_000;

/** Every command of a document's conversations with its expected output, in order. */
export function exchangesOf(document: string): Exchange[] {
  const blocks = partsOf(document, 'conversation').flatMap((part) => [
    ...part.matchAll(/```sh\n(.*?)```\n```\n(.*?)```/gs),
  ]);
  return blocks.map(([, command = '', expectedLines = '']) => ({
    command: command.trim(),
    expectedLines: expectedLines.trim().split('\n'),
  }));
}

/**
 * Runs a document's commands as printed, one after another, and expects each line of the documented output.
 */
export async function followConversation(document: string, url: string): Promise<void> {
  for (const { command, expectedLines } of exchangesOf(document)) {
    const localCommand = command.replaceAll(PRINTED_URL, url);
    // A message is stored a moment after it was accepted.
    let output = '';
    for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline;) {
      output = await outputOf(localCommand);
      if (expectedLines.every((line) => output.includes(line))) break;
    }
    for (const line of expectedLines) expect(output, command).to.include(line);
  }
}

/** Ignores the exit code: curl fails when it leaves a stream after its time limit. */
function outputOf(command: string): Promise<string> {
  return new Promise((resolve) => execFile('sh', ['-c', command], (_, stdout) => resolve(stdout)));
}
