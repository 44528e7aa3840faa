import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../../src/application/errors.js';
import type { Archive } from '../../../../../src/application/ports/archive.js';
import { aDelivery } from '../../../../support/builders.js';
import { HttpSystem } from '../../../../support/http/http-system.js';
import type { StoredMessage } from '../../../../../src/domain/message.js';

const stored = (message: string): StoredMessage => {
  const delivery = aDelivery({ message });
  return { ...delivery.message, content: delivery.content, number: 1, storedAt: 0 };
};

describe('A list without a limit', () => {
  let system: HttpSystem;
  let given = 0;
  let ended = false;

  /** Yields this many rows of 10 KB each, then throws the error if there is one. */
  function archiveOf(rows: number, error?: Error): Archive {
    given = 0;
    ended = false;
    const text = 'x'.repeat(10_000);
    async function* messages(): AsyncGenerator<StoredMessage> {
      try {
        while (given < rows) {
          given += 1;
          yield await Promise.resolve(stored(text));
        }
        if (error) throw error;
      } finally {
        ended = true;
      }
    }
    return { messages } as unknown as Archive;
  }

  async function open(archive: Archive): Promise<IncomingMessage> {
    system = await new HttpSystem({ archive }).start();
    const [response] = (await once(get(`${system.baseUrl}/messages`), 'response')) as [IncomingMessage];
    return response;
  }

  afterEach(() => system.close());

  async function until(condition: () => boolean): Promise<void> {
    for (let tries = 0; !condition(); tries += 1) {
      if (tries > 500) throw new Error('it never happened');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async function read(response: IncomingMessage): Promise<string> {
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return text;
  }

  it('is one complete array however long it is', async () => {
    const response = await open(archiveOf(1_000));
    const rows = JSON.parse(await read(response)) as unknown[];
    expect(rows).to.have.lengthOf(1_000);
    expect(response.headers['content-type']).to.equal('application/json; charset=utf-8');
  });

  it('is read from the store no faster than the client receives it', async () => {
    const response = await open(archiveOf(100_000));
    response.pause();
    await until(() => given > 100);
    let before = 0;
    while (given > before) {
      before = given;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // What fits into the sockets' buffers, and no more.
    expect(given).to.be.below(5_000);
    response.destroy();
  });

  it('stops reading from the store when the client disconnects', async () => {
    const response = await open(archiveOf(100_000));
    response.destroy();
    await until(() => ended);
    expect(given).to.be.below(100_000);
  });

  it('is cut off without a closing bracket if the store fails midway', async () => {
    const response = await open(archiveOf(100, new DependencyUnavailable('store', new Error('gone'))));
    let text = '';
    response.on('data', (chunk) => (text += String(chunk)));
    const [error] = (await once(response, 'error')) as [Error];
    expect(error).to.have.property('code', 'ECONNRESET');
    expect(response.complete).to.equal(false);
    expect(() => JSON.parse(text)).to.throw();
    expect(system.logger.events()).to.include('http.refused');
  });
});
