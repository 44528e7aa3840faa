import { once } from 'node:events';
import { symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { EventSource } from 'eventsource';
import { expect } from 'chai';
import { freePort } from '../../../scripts/stack/free-port.js';
import { partOf } from '../../support/docs/documents.js';
import { Example } from '../../support/docs/example.js';
import { eventually } from '../../support/eventually.js';
import { SpawnedProgram, temporaryFolder } from '../../support/program/spawned-program.js';

const DOCUMENT = 'docs/api.md';
const PRINTED_URL = 'http://127.0.0.1:3000';

describe('The live streams in docs/api.md', function () {
  this.timeout(60_000);
  let port: number;
  let program: SpawnedProgram;
  const cleanups: (() => unknown)[] = [];

  beforeEach(async () => {
    port = await freePort();
    program = await start();
  });

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
    program.kill('SIGKILL');
    await program.ended;
  });

  /** Starts Postrider with an empty store, always at the same address. */
  const start = (): Promise<SpawnedProgram> => SpawnedProgram.start({ PORT: String(port) });

  async function send(message: string): Promise<void> {
    const response = await fetch(`${program.url}/send-message`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from: 'shop', to: 'warehouse', message }),
    });
    expect(response.status).to.equal(201);
  }

  /** Answers each request as a proxy does while Postrider is down, until there was one. */
  async function answer502Once(): Promise<void> {
    const proxy = createServer((_, response) => response.writeHead(502, { connection: 'close' }).end());
    proxy.listen(port, '127.0.0.1');
    await once(proxy, 'request');
    await new Promise((closed) => proxy.close(closed));
  }

  /** Expects each message once, also after a proxy's error and after a restore to an empty store. */
  async function expectToFollow(received: () => readonly string[]): Promise<void> {
    const expectMessages = (...messages: string[]): Promise<void> =>
      eventually(
        () => received().join() === messages.join(),
        () => `${messages.join()} in ${received().join()}`,
      );
    await send('3 apples?');
    await send('5 pears?');
    await expectMessages('3 apples?', '5 pears?');
    await program.stop();
    await answer502Once();
    program = await start();
    await send('7 plums?');
    await expectMessages('3 apples?', '5 pears?', '7 plums?');
  }

  it('run in Node with the package eventsource, and survive what ends an EventSource', async () => {
    const [, code = ''] = /```js\n(.*?)```/s.exec(partOf(DOCUMENT, 'stream-in-node')) ?? [];
    const folder = temporaryFolder();
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'follow.mjs'), code.replaceAll(PRINTED_URL, program.url));
    const reader = new Example([process.execPath, join(folder, 'follow.mjs')], program.url);
    cleanups.push(() => reader.kill());
    await expectToFollow(() => reader.stdout.trim().split('\n'));
    for (const status of ['502', '409']) expect(reader.stderr).to.include(status);
  });

  it('run in a page of the same origin, and survive what ends an EventSource', async () => {
    const [, code = ''] =
      /<script type="module">\n(.*?)<\/script>/s.exec(partOf(DOCUMENT, 'stream-in-page')) ?? [];
    const page = new Page(program.url);
    cleanups.push(() => page.close());
    page.run(code);
    await expectToFollow(() => page.items.map(({ textContent }) => textContent));
  });
});

interface Item {
  textContent: string;
}

/** The part of a browser that the page uses. Resolves addresses as a page of this origin does. */
class Page {
  readonly items: Item[] = [];
  private readonly sources: EventSource[] = [];

  constructor(private readonly origin: string) {}

  run(script: string): void {
    const { items, sources } = this;
    const absolute = this.absolute.bind(this);
    class PageEventSource extends EventSource {
      constructor(path: string) {
        super(absolute(path));
        sources.push(this);
      }
    }
    const document = {
      querySelector: () => ({ append: (item: Item) => items.push(item) }),
      createElement: (): Item => ({ textContent: '' }),
    };
    const globals = {
      document,
      setTimeout,
      EventSource: PageEventSource,
      fetch: (path: string) => fetch(absolute(path)),
    };
    runInContext(script, createContext(globals));
  }

  close(): void {
    for (const source of this.sources) source.close();
  }

  private absolute(path: string): URL {
    const url = new URL(path, this.origin);
    expect(url.origin).to.equal(this.origin);
    return url;
  }
}
