// `orders`: asks `stock` for every order, and reads the answers from its own inbox by long poll.
//   npx tsx service.ts [number of orders]      POSTRIDER_URL, default http://127.0.0.1:3000
const POSTRIDER = process.env['POSTRIDER_URL'] ?? 'http://127.0.0.1:3000';
const ORDERS = Number(process.argv[2] ?? 20);
const ITEMS = ['apples', 'pears', 'plums'];
const BETWEEN_ORDERS_MS = 50;
const BEFORE_RETRY_MS = 500;
/** A long poll ends after 30 s; where nothing has come for longer, the connection is dead. */
const PATIENCE_MS = 45_000;

interface Page {
  readonly messages: readonly { readonly id: string; readonly from: string; readonly message: string }[];
  readonly next: string;
  readonly unread: number;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Repeats a request while Postrider can't be reached or is busy. What it answers otherwise is for the caller. */
async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  for (; ; await pause(BEFORE_RETRY_MS)) {
    try {
      const response = await fetch(POSTRIDER + path, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
      // All of it, so that a connection that breaks in the middle is tried again too.
      const body = await response.text();
      if (response.status < 500) return new Response(body || null, { status: response.status });
      console.error(`Postrider answered ${String(response.status)}, trying again`);
    } catch (error) {
      console.error(`Postrider can't be reached, trying again: ${String(error)}`);
    }
  }
}

async function post(path: string, body: object, headers: Record<string, string> = {}): Promise<void> {
  const response = await ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${String(response.status)} ${await response.text()}`);
}

/** The key names the order: however often it is sent, also by a program that was started anew, it is one message. */
function send(order: number): Promise<void> {
  const message = JSON.stringify({ order, item: ITEMS[order % ITEMS.length], count: order });
  return post(
    '/send-message',
    { from: 'orders', to: 'stock', message },
    { 'idempotency-key': `order-${String(order)}` },
  );
}

/** Keeps no note of what it has sent: after a restart it sends all orders again, and nothing is doubled. */
async function sendOrders(): Promise<void> {
  for (let order = 1; order <= ORDERS; order++) {
    await send(order);
    await pause(BETWEEN_ORDERS_MS);
  }
  console.log(`sent ${String(ORDERS)} orders`);
}

/** Keeps no cursor either: without `after`, a page is what this client has not marked as read. */
async function readAnswers(): Promise<never> {
  for (;;) {
    const response = await ask('/clients/orders/inbox?wait=30');
    if (!response.ok) throw new Error(`inbox: ${String(response.status)} ${await response.text()}`);
    // The documented form of a page.
    const { messages, next } = (await response.json()) as Page;
    // A restart before the next step shows these again: what is done with them has to bear that.
    for (const { from, message } of messages) console.log(`${from} answers ${message}`);
    if (messages.length > 0) await post('/clients/orders/inbox/read', { through: next });
  }
}

Promise.all([sendOrders(), readAnswers()]).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
