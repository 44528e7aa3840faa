import type { Bench } from '../bench.js';
import { recipientOf } from '../load/payload.js';
import { cpuSpent } from '../processes/cpu-spent.js';
import { Worker } from '../processes/worker.js';
import { FullBackEnd } from '../product/full-back-end.js';
import type { LedgerJob, LedgerTasks } from '../product/ledger-load.js';
import type { Reading } from '../report/cost-measures.js';
import type { Resources } from '../resources.js';
import { pidOf, startMongoSet } from '../servers/bench-servers.js';
import { RECIPIENTS } from '../sizes.js';
import { BIG_BATCH, MANY_RECIPIENTS, SMALL_BATCH, WARM_UP } from './storage-costs.js';

type Load = Omit<LedgerJob, 'first'>;

/** The recipient of the last message: a process that has read it has seen all earlier ones. */
const SENTINEL_CLIENT = 'last-client';

/** Measures what an api process and its MongoDB spend on readers. Messages are stored directly, without the log. */
export async function measureReadCosts(bench: Bench, resources: Resources): Promise<void> {
  await (await ReadCosts.prepare(bench, resources)).measure();
}

class ReadCosts {
  private nextNumber = 0;
  private sentinels = 0;

  private constructor(
    private readonly bench: Bench,
    private readonly backEnd: FullBackEnd,
    private readonly load: Worker<LedgerTasks>,
    private readonly port: number,
    /** The pids of the api process and of mongod. */
    private readonly pids: readonly [number, number],
  ) {}

  static async prepare(bench: Bench, resources: Resources): Promise<ReadCosts> {
    const set = await startMongoSet(resources, 1);
    const mongod = await set.primary();
    const backEnd = FullBackEnd.create(resources, { ...bench.servers, mongodb: mongod.address });
    const api = await backEnd.startApi();
    const load = resources.add(Worker.start<LedgerTasks>('product/ledger-load.ts'), (worker) =>
      worker.stop(),
    );
    await load.call('open', backEnd.uri);
    await load.call('createInboxes', MANY_RECIPIENTS);
    return new ReadCosts(bench, backEnd, load, api.port, [api.pid, pidOf(mongod)]);
  }

  /**
   * Measures each load without readers, with a reader whose inbox gets none of the load, and with one reader
   * per recipient.
   */
  async measure(): Promise<void> {
    const { generator } = this.bench;
    const loads = this.loads();
    const { steady } = loads;
    await this.store(WARM_UP);
    const unread = await this.measureLoads(loads);
    await generator.call('openReaders', { port: this.port, clients: [{ name: SENTINEL_CLIENT, after: 0 }] });
    await this.waitUntilAllSeen();
    const watched = await this.measureLoads(loads, () => this.waitUntilAllSeen());
    await generator.call('closeReaders', undefined);
    this.addDifference('signalSteady', unread.steady, watched.steady, steady.messages);
    this.addDifference('signalBusy', unread.busy, watched.busy, loads.busy.messages);
    this.addDifference('signalFull', unread.full, watched.full, loads.full.messages);
    await generator.call('openReaders', { port: this.port, clients: await this.recipients() });
    // Warm up.
    await this.measureLoad(steady, () => generator.call('waitUntilReceived', steady.messages));
    const read = await this.measureLoad(steady, () =>
      generator.call('waitUntilReceived', 2 * steady.messages),
    );
    await generator.call('closeReaders', undefined);
    this.addDifference('reader', watched.steady, read, steady.messages);
    await this.measurePages();
  }

  private loads(): { readonly steady: Load; readonly busy: Load; readonly full: Load } {
    const { readersMs, costMessages } = this.bench.sizes;
    const atRate = (rate: number, batch: number): Load => ({
      messages: (rate * readersMs) / 1_000,
      batch,
      recipients: RECIPIENTS,
      rate,
    });
    return {
      steady: atRate(1_000, SMALL_BATCH),
      busy: atRate(5_000, RECIPIENTS),
      full: { messages: costMessages, batch: BIG_BATCH, recipients: MANY_RECIPIENTS },
    };
  }

  private async measurePages(): Promise<void> {
    const { sizes, generator } = this.bench;
    const [client] = await this.recipients();
    for (const [key, limit] of [
      ['page50', 50],
      ['page100', 100],
    ] as const) {
      const path = `/clients/${client?.name}/inbox?after=0&limit=${limit}`;
      const job = { port: this.port, path, messages: limit };
      await generator.call('readPages', { ...job, requests: sizes.pages });
      const spent = await cpuSpent(this.pids, () =>
        generator.call('readPages', { ...job, requests: sizes.pages }),
      );
      this.addDifference(key, [0, 0], spent, sizes.pages);
    }
  }

  private async store(load: Load): Promise<void> {
    await this.load.call('settle', { ...load, first: this.nextNumber });
    this.nextNumber += load.messages;
  }

  private measureLoad(load: Load, waitUntilRead?: () => Promise<void>): Promise<number[]> {
    return cpuSpent(this.pids, async () => {
      await this.store(load);
      await waitUntilRead?.();
    });
  }

  private async measureLoads(
    { steady, busy, full }: ReturnType<ReadCosts['loads']>,
    waitUntilRead?: () => Promise<void>,
  ) {
    return {
      steady: await this.measureLoad(steady, waitUntilRead),
      busy: await this.measureLoad(busy, waitUntilRead),
      full: await this.measureLoad(full, waitUntilRead),
    };
  }

  private async waitUntilAllSeen(): Promise<void> {
    await this.load.call('settleSingle', { first: this.nextNumber, to: SENTINEL_CLIENT });
    this.nextNumber += 1;
    this.sentinels += 1;
    await this.bench.generator.call('waitUntilReceived', this.sentinels);
  }

  private async recipients(): Promise<{ readonly name: string; readonly after: number }[]> {
    const lastNumbers = await this.backEnd.stored.lastNumbers();
    return Array.from({ length: RECIPIENTS }, (_, at) => {
      const name = recipientOf(at, RECIPIENTS);
      return { name, after: lastNumbers.get(name) ?? 0 };
    });
  }

  /** Records by how much `more` exceeds `less`, divided by `count`. */
  private addDifference(
    key: Reading,
    baseline: readonly number[],
    spent: readonly number[],
    count: number,
  ): void {
    const { results } = this.bench;
    const [api = 0, mongod = 0] = spent.map((micros, at) => (micros - (baseline[at] ?? 0)) / count);
    results.add(`${key}Api`, { value: api });
    results.add(`${key}Mongod`, { value: mongod });
  }
}
