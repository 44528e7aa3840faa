import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ephemeral ports: an outgoing connection must not take the port of a server that is restarting.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Returns a free port on loopback. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
}

/** Reports whether a server can listen on the port. */
export function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
