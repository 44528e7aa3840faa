import { expect } from 'chai';
import { freePort } from '../../../scripts/stack/free-port.js';
import { eventually } from '../../support/eventually.js';
import { Example, hasPython } from '../../support/docs/example.js';
import { SpawnedProgram, temporaryFolder, type ProgramEnv } from '../../support/program/spawned-program.js';

interface Row {
  readonly id: string;
  readonly from: string;
  readonly message: string;
  readonly cursor: string;
}

interface Inbox {
  readonly messages: readonly Row[];
  readonly unread: number;
}

const FOLDER = 'examples/two-services';
const ORDERS = 60;

describe('The two example services', function () {
  this.timeout(60_000);
  let env: ProgramEnv;
  let program: SpawnedProgram;
  const examples: Example[] = [];

  beforeEach(async () => {
    env = { PORT: String(await freePort()), DATA_DIR: temporaryFolder() };
    program = await SpawnedProgram.start(env);
  });

  afterEach(async () => {
    await Promise.all(examples.splice(0).map((example) => example.kill()));
    program.kill('SIGKILL');
    await program.ended;
  });

  function begin(...command: [string, ...string[]]): Example {
    const example = new Example(command, program.url);
    examples.push(example);
    return example;
  }

  // As `npx tsx` would, in one process that ends when it is killed.
  const startOrders = (count = ORDERS): Example =>
    begin(process.execPath, '--import', 'tsx', `${FOLDER}/service.ts`, String(count));
  const startStock = (): Example => begin('python3', `${FOLDER}/service.py`);

  async function inbox(client: string): Promise<Inbox> {
    const response = await fetch(`${program.url}/clients/${client}/inbox?after=0&limit=1000`);
    return (await response.json()) as Inbox;
  }

  async function post(path: string, body: object, headers: Record<string, string> = {}): Promise<void> {
    const response = await fetch(program.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
    expect(response.status).to.be.oneOf([201, 204]);
  }

  const numbersIn = ({ messages }: Inbox, from: string): number[] =>
    messages
      .filter((row) => row.from === from)
      .map(({ message }) => (JSON.parse(message) as { order: number }).order);

  const untilStored = (client: string, count: number): Promise<void> =>
    eventually(async () => (await inbox(client)).messages.length >= count);

  const allRead = (client: string): Promise<void> =>
    eventually(
      async () => (await inbox(client)).unread === 0,
      () => `${client} leaves messages unread: ${examples.map(({ stderr }) => stderr).join('\n')}`,
    );

  const EACH_ONCE = Array.from({ length: ORDERS }, (_, at) => at + 1);

  it('in TypeScript send nothing twice, and continue where they were killed', async () => {
    const killed = startOrders();
    await untilStored('stock', 10);
    const [first, second] = (await inbox('stock')).messages;
    await post('/send-message', { from: 'stock', to: 'orders', message: `to ${String(first?.id)}` });
    await killed.waitForOutput(`stock answers to ${String(first?.id)}`);
    await killed.kill();
    await post('/send-message', { from: 'stock', to: 'orders', message: `to ${String(second?.id)}` });
    const again = startOrders();
    await again.waitForOutput(`sent ${String(ORDERS)} orders`);
    await again.waitForOutput(`stock answers to ${String(second?.id)}`);
    await allRead('orders');
    await settled('stock');
    expect(numbersIn(await inbox('stock'), 'orders')).to.deep.equal(EACH_ONCE);
  });

  it('in TypeScript print why a send is rejected, and exit', async () => {
    const used = { from: 'orders', to: 'stock', message: 'something else' };
    await post('/send-message', used, { 'idempotency-key': 'order-1' });
    const orders = startOrders();
    expect(await orders.ended).to.equal(1);
    expect(orders.stderr).to.include('422: The idempotency key was used before, for another message.');
  });

  /** Waits until earlier sends to the client are either in its inbox or will never be. */
  async function settled(client: string): Promise<void> {
    await post(
      '/send-message',
      { from: 'test', to: client, message: 'anything else?' },
      { prefer: 'wait=10' },
    );
  }

  if (!hasPython()) {
    const missing = 'Skipped: the example in Python. To run it, install what is missing: python3.';
    if (process.env['CI'] !== 'true') process.stdout.write(`${missing}\n`);
    else
      it('have python3 available', () => {
        throw new Error(missing);
      });
    return;
  }

  it('answer each order once, whichever of the three processes is killed meanwhile', async () => {
    let [stock, orders] = [startStock(), startOrders()];
    await untilStored('orders', 10);
    await stock.kill();
    await untilStored('stock', 20);
    stock = startStock();
    await untilStored('orders', 20);
    await orders.kill();
    orders = startOrders();
    await stock.waitForOutput('answered', 10);
    program.kill('SIGKILL');
    await program.ended;
    program = await SpawnedProgram.start(env);
    await orders.waitForOutput(`sent ${String(ORDERS)} orders`);
    await settled('stock');
    await untilStored('test', 1);
    await settled('orders');
    await Promise.all([allRead('orders'), allRead('stock')]);
    expect(numbersIn(await inbox('stock'), 'orders')).to.deep.equal(EACH_ONCE);
    expect(numbersIn(await inbox('orders'), 'stock')).to.deep.equal(EACH_ONCE);
    expect((await inbox('test')).messages.map(({ message }) => message)).to.deep.equal([
      '{"error": "not understood", "text": "anything else?"}',
    ]);
  });

  it('in Python print why a send is rejected, and exit', async () => {
    startOrders(1);
    await untilStored('stock', 1);
    const [order] = (await inbox('stock')).messages;
    const used = { from: 'stock', to: 'orders', message: 'something else' };
    await post('/send-message', used, { 'idempotency-key': `answer-${String(order?.id)}` });
    const stock = startStock();
    expect(await stock.ended).to.equal(1);
    expect(stock.stderr).to.include('422: The idempotency key was used before, for another message.');
  });

  it('in Python print why the stream rejects their cursor, and begin again', async () => {
    startOrders(1);
    const stock = startStock();
    await untilStored('orders', 1);
    await stock.waitForOutput('answered');
    program.kill('SIGKILL');
    await program.ended;
    program = await SpawnedProgram.start({ ...env, DATA_DIR: temporaryFolder() });
    await eventually(
      () => stock.stderr.includes('409: The inbox ends before this cursor'),
      () => stock.stderr,
    );
    startOrders(2);
    await stock.waitForOutput('answered', 3);
  });

  it('do not answer twice if one is killed between its answer and the acknowledgement', async () => {
    startOrders(1);
    await untilStored('stock', 1);
    const [order] = (await inbox('stock')).messages;
    const answer = { from: 'stock', to: 'orders', message: '{"order": 1, "available": true}' };
    // The killed service had sent this answer.
    await post('/send-message', answer, { 'idempotency-key': `answer-${String(order?.id)}` });
    startStock();
    await allRead('stock');
    await settled('orders');
    await allRead('orders');
    expect(numbersIn(await inbox('orders'), 'stock')).to.deep.equal([1]);
  });
});
