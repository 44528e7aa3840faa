import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePort } from '../../../../scripts/stack/free-port.js';
import { LocalStack } from '../../../../scripts/stack/local-stack.js';

describe("A developer's servers without Docker", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postrider-stack-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('are reported as down if none was started', async () => {
    await new LocalStack(folder).down();
  });

  it('are not confused with a process that has reused their pid', async () => {
    await writeFile(join(folder, 'keeper.pid'), String(process.pid));
    // Otherwise this process would get the signal.
    await new LocalStack(folder).down();
  });

  it('do not start if another process holds a port', async () => {
    const other = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const error: unknown = await new LocalStack(folder, port, await freePort())
      .up()
      .catch((reason: unknown) => reason);
    await new Promise((resolve) => other.close(resolve));
    expect(String(error)).to.equal(
      `Error: Port ${port} is in use by another program. Stop that program first.`,
    );
  });
});
