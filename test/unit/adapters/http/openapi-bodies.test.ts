import { expect } from 'chai';
import { BodySystem } from '../../../support/http/body-system.js';
import { OpenApi } from '../../../support/http/http-openapi.js';
import type { RawConnection } from '../../../support/http/raw-connection.js';

const api = new OpenApi();
const ID = '0'.repeat(24);

/** Every path that takes a body, as described and as called. */
const PATHS = api.operations
  .filter((operation) => operation.startsWith('POST '))
  .map((operation) => operation.slice('POST '.length))
  .map((path) => [path, path.replace('{id}', ID).replace('{client}', 'clientB')] as const);

describe('docs/openapi.yaml', () => {
  let system: BodySystem;

  beforeEach(async () => {
    system = await new BodySystem().start();
  });

  afterEach(() => system.close());

  function expectDescribed(path: string, status: number, { received }: RawConnection, method = 'POST'): void {
    const [head = '', text = ''] = received.split('\r\n\r\n');
    const [first, ...lines] = head.split('\r\n');
    const headers = new Headers(lines.map((line) => line.split(/: (.*)/).slice(0, 2) as [string, string]));
    expect(first).to.match(new RegExp(`^HTTP/1.1 ${status} `));
    expect(api.problemWith({ method, path, status, headers, text }), `${path} ${received}`).to.equal(
      undefined,
    );
  }

  it('describes every request with a body', () => {
    expect(PATHS.map(([path]) => path)).to.have.members([
      '/send-message',
      '/send-messages',
      '/clients/{client}/inbox/read',
      '/failed-messages/{id}/replay',
      '/failed-messages/{id}/discard',
      '/replays',
    ]);
  });

  it('describes the response to headers that are too large', async () => {
    for (const operation of api.operations) {
      const [method = '', path = ''] = operation.split(' ');
      const sending = await system.connection();
      sending.write(`${method} ${path} HTTP/1.1\r\nhost: x\r\nlarge: ${'x'.repeat(17_000)}\r\n\r\n`);
      await sending.ended;
      expectDescribed(path, 431, sending, method);
    }
  });

  for (const accept of ['*/*', 'application/json']) {
    it(`describes the responses while the memory for bodies is full, accepting ${accept}`, async () => {
      await system.fill();
      for (const [path, url] of PATHS) {
        const sending = await system.connection();
        sending.post(url, { accept, 'content-length': 2, connection: 'close' });
        sending.write('{}');
        await sending.ended;
        expect(sending.received).to.match(/^retry-after: \d+\r$/im);
        expectDescribed(path, 503, sending);
      }
    });

    it(`describes the responses to bodies that stop arriving, accepting ${accept}`, async () => {
      for (const [path, url] of PATHS) {
        const sending = await system.connection();
        sending.post(url, { accept, 'content-length': 2 });
        sending.write('{');
        await system.waitForBytes(1);
        await system.clock.advance(11_000);
        await sending.ended;
        expectDescribed(path, 408, sending);
        await system.waitForBytes(0);
      }
    });
  }
});
