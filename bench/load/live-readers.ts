import type { ClientRequest } from 'node:http';
import { follow } from './follow.js';

export interface ReadersJob {
  readonly port: number;
  /** The clients to follow, each with one reader that starts after an inbox number. */
  readonly clients: readonly { readonly name: string; readonly after: number }[];
}

const TIMEOUT_MS = 60_000;
const POLL_MS = 10;

let streams: readonly ClientRequest[] = [];
let received = 0;

/** Opens a live stream for each client. Streams stay open until `closeReaders`. */
export async function openReaders({ port, clients }: ReadersJob): Promise<void> {
  received = 0;
  const count = (): number => (received += 1);
  streams = await Promise.all(clients.map(({ name, after }) => follow(port, name, count, after)));
}

/** Resolves when all readers together have received `count` messages. */
export async function waitUntilReceived(count: number): Promise<void> {
  for (const deadline = Date.now() + TIMEOUT_MS; received < count;) {
    if (Date.now() > deadline) throw new Error(`The readers have ${received} messages, not ${count}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  if (received > count) throw new Error(`The readers have ${received} messages, more than ${count}.`);
}

export function closeReaders(): void {
  for (const stream of streams) stream.destroy();
  streams = [];
}
