// npm run demo: shows in 20 seconds how messages are delivered, on the embedded back end in a temporary folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildContainer } from '../src/config/wiring/container.js';
import { loadSettings } from '../src/config/settings/settings.js';
import { TOKENS } from '../src/config/wiring/tokens.js';
import { FlakyLedger } from './demo/flaky-ledger.js';

const TIMEOUT_MS = 30_000;
const FLAKY_TEXT = 'The store fails twice on this message';
const FAILING_TEXT = 'The store always fails on this message';

const started = Date.now();
const print = (text = ''): void => {
  const seconds = ((Date.now() - started) / 1_000).toFixed(1).padStart(5);
  console.log(text === '' ? '' : `${seconds} s  ${text}`);
};

const folder = await mkdtemp(join(tmpdir(), 'postrider-demo-'));
const container = buildContainer(loadSettings({ DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'error' }));
const failures = new Map([
  [FLAKY_TEXT, 2],
  [FAILING_TEXT, Infinity],
]);
const ledger = new FlakyLedger(container.get(TOKENS.ledger), failures, (text) => {
  print(`   ✗ the store fails on "${text}"; it is retried later, and the other recipients do not wait`);
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
  print(
    `POST /send-message  clientA → ${to}: "${message}"   ${String(response.status)} ${await response.text()}`,
  );
}

/** Waits for the row with this text and prints it. */
async function waitForRow(path: string, message: string): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const rows = (await (await fetch(url(path))).json()) as Row[];
    const row = rows.find((candidate) => candidate.message === message);
    if (row) {
      const reason = row.reason === undefined ? '' : `   reason: ${row.reason}`;
      print(`   ✓ GET ${path} shows "${row.message}" to ${row.to}${reason}`);
      return;
    }
    if (Date.now() > deadline) throw new Error(`GET ${path} did not show "${message}" in time`);
    await sleep(50);
  }
}

try {
  await lifecycle.start();
  print(`Postrider runs on the embedded back end, at ${url('/')}`);
  print();
  print('1. A message is sent, and stored for its recipient.');
  await send('clientB', 'Hello over there');
  await waitForRow('/messages', 'Hello over there');
  print();
  print(
    "2. A message that the store fails on is retried after 1 and 2 seconds; its recipient's next message waits behind it.",
  );
  await send('clientB', FLAKY_TEXT);
  await send('clientB', 'This message is stored after the previous one');
  await send('clientC', 'This message does not wait');
  await waitForRow('/messages', 'This message does not wait');
  await waitForRow('/messages', FLAKY_TEXT);
  await waitForRow('/messages', 'This message is stored after the previous one');
  print();
  print(
    '3. A message that the store always fails on is dead-lettered after three retries, and is listed as failed.',
  );
  await send('clientB', FAILING_TEXT);
  await waitForRow('/failed-messages', FAILING_TEXT);
  print();
  print('4. An invalid message is answered 400 at once, and is recorded with its reason.');
  await send('clientB', '');
  await waitForRow('/failed-messages', '');
  print();
  print('That is all. Start Postrider with npm start.');
} finally {
  await lifecycle.stop();
  await rm(folder, { recursive: true, force: true });
}
