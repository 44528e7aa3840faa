import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The port of a server that listens on a free one. */
export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port; // It listens on a port, not on a path.
}
