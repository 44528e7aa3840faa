// npm run demo: shows in 20 seconds how messages are delivered, on the embedded back end in a temporary folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildContainer } from '../src/config/wiring/container.js';
import { loadSettings } from '../src/config/settings/settings.js';
import { TOKENS } from '../src/config/wiring/tokens.js';
import { BumpyLedger } from './demo/bumpy-ledger.js';

const TIMEOUT_MS = 30_000;
const BUMPY = 'The road is bad today';
const DOOMED = 'Nobody can store this one';

const started = Date.now();
const say = (text = ''): void => {
  const seconds = ((Date.now() - started) / 1_000).toFixed(1).padStart(5);
  console.log(text === '' ? '' : `${seconds} s  ${text}`);
};

const folder = await mkdtemp(join(tmpdir(), 'postrider-demo-'));
const container = buildContainer(loadSettings({ DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'error' }));
const bumps = new Map([
  [BUMPY, 2],
  [DOOMED, Infinity],
]);
const ledger = new BumpyLedger(container.get(TOKENS.ledger), bumps, (text) => {
  say(`   ✗ the store fails on "${text}"; it is retried later, and the other recipients do not wait`);
});
container.rebind(TOKENS.ledger).toConstantValue(ledger);
const lifecycle = container.get(TOKENS.lifecycle);
const server = container.get(TOKENS.httpServer);

interface Row {
  readonly to: string;
  readonly message: string;
  readonly reason?: string;
}

const url = (path: string): string => `http://127.0.0.1:${String(server.port)}${path}`;

async function send(to: string, message: string): Promise<void> {
  const response = await fetch(url('/send-message'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: 'clientA', to, message }),
  });
  say(
    `POST /send-message  clientA → ${to}: "${message}"   ${String(response.status)} ${await response.text()}`,
  );
}

/** Waits for the row with this text and prints it. */
async function see(path: string, message: string): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const rows = (await (await fetch(url(path))).json()) as Row[];
    const row = rows.find((candidate) => candidate.message === message);
    if (row) {
      const why = row.reason === undefined ? '' : `   reason: ${row.reason}`;
      say(`   ✓ GET ${path} has it: "${row.message}" to ${row.to}${why}`);
      return;
    }
    if (Date.now() > deadline) throw new Error(`${path} never had "${message}"`);
    await sleep(50);
  }
}

try {
  await lifecycle.start();
  say(`Postrider runs on the embedded back end, at ${url('/')}`);
  say();
  say('1. A message is sent, and stored for its recipient.');
  await send('clientB', 'Hello over there');
  await see('/messages', 'Hello over there');
  say();
  say(
    "2. A message that the store fails on is retried after 1 and 2 seconds; its recipient's next message waits behind it.",
  );
  await send('clientB', BUMPY);
  await send('clientB', 'I come after that one');
  await send('clientC', 'I do not wait for anybody');
  await see('/messages', 'I do not wait for anybody');
  await see('/messages', BUMPY);
  await see('/messages', 'I come after that one');
  say();
  say('3. A message that never succeeds is dead-lettered after three retries, and stays visible.');
  await send('clientB', DOOMED);
  await see('/failed-messages', DOOMED);
  say();
  say('4. An invalid message is rejected at once, and recorded with its reason.');
  await send('clientB', '');
  await see('/failed-messages', '');
  say();
  say('That is all. Start Postrider with npm start.');
} finally {
  await lifecycle.stop();
  await rm(folder, { recursive: true, force: true });
}
