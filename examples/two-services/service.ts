// `orders`: asks `stock` for every order, and reads the answers from its own inbox by long poll.
//   npx tsx service.ts [number of orders]      POSTRIDER_URL, default http://127.0.0.1:3000
const POSTRIDER = process.env['POSTRIDER_URL'] ?? 'http://127.0.0.1:3000';
const ORDERS = Number(process.argv[2] ?? 20);
const ITEMS = ['apples', 'pears', 'plums'];
const BETWEEN_ORDERS_MS = 50;
const BEFORE_RETRY_MS = 500;
/** A long poll ends after 30 s. If nothing arrives for longer, the connection is dead. */
const PATIENCE_MS = 45_000;

interface Page {
  readonly messages: readonly { readonly id: string; readonly from: string; readonly message: string }[];
  readonly next: string;
  readonly unread: number;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Repeats a request while Postrider is unreachable or busy. Returns every other answer to the caller. */
async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  for (; ; await pause(BEFORE_RETRY_MS)) {
    try {
      const response = await fetch(POSTRIDER + path, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
      // Reads the whole body, so that a connection that breaks in the middle is tried again too.
      const body = await response.text();
      const { status } = response;
      if (status < 500) return new Response(body || null, { status });
      console.error(`Postrider answered ${problemIn(status, body)}, trying again`);
    } catch (error) {
      console.error(`Postrider can't be reached, trying again: ${String(error)}`);
    }
  }
}

/** The status, and the detail of the problem document if the body is one. */
function problemIn(status: number, body: string): string {
  let detail: string | undefined;
  try {
    ({ detail } = JSON.parse(body) as { detail?: string });
  } catch {
    // A proxy in front of Postrider may answer something else than JSON.
  }
  return `${String(status)}: ${detail ?? body}`;
}

async function answerOf(path: string, init?: RequestInit): Promise<Response> {
  const response = await ask(path, init);
  if (!response.ok) {
    throw new Error(`${path}: Postrider answered ${problemIn(response.status, await response.text())}`);
  }
  return response;
}

async function post(path: string, body: object, headers: Record<string, string> = {}): Promise<void> {
  await answerOf(path, {
    method: 'POST',
    // Without `accept`, a send is answered in plain text, which has no detail.
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** The key names the order: however often the order is sent, also after a restart, it is one message. */
function send(order: number): Promise<void> {
  const message = JSON.stringify({ order, item: ITEMS[order % ITEMS.length], count: order });
  return post(
    '/send-message',
    { from: 'orders', to: 'stock', message },
    { 'idempotency-key': `order-${String(order)}` },
  );
}

/** Keeps no record of sent orders: after a restart it sends all of them again, and each is stored once. */
async function sendOrders(): Promise<void> {
  for (let order = 1; order <= ORDERS; order++) {
    await send(order);
    await pause(BETWEEN_ORDERS_MS);
  }
  console.log(`sent ${String(ORDERS)} orders`);
}

/** Keeps no cursor either: without `after`, a page has the messages that this client has not marked as read. */
async function readAnswers(): Promise<never> {
  for (;;) {
    const response = await answerOf('/clients/orders/inbox?wait=30');
    // The documented shape of a page.
    const { messages, next } = (await response.json()) as Page;
    // If the program restarts before the next step, it sees these messages again, so processing must tolerate that.
    for (const { from, message } of messages) console.log(`${from} answers ${message}`);
    if (messages.length > 0) await post('/clients/orders/inbox/read', { through: next });
  }
}

Promise.all([sendOrders(), readAnswers()]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
