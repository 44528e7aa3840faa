import { setTimeout as sleep } from 'node:timers/promises';
import { Readers } from '../test/faults/readers.js';
import { check } from './check/check.js';
import { elapsed } from './clock.js';
import { FaultInjector } from './faults/injector.js';
import { StateReader } from './final-state.js';
import type { FinalState, History, Violation } from './history.js';
import type { TortureOptions } from './options.js';
import { scheduleFaults, type Fault } from './schedule.js';
import { DATABASE, System } from './system.js';
import { Operators } from './workload/operators.js';
import { Senders } from './workload/senders.js';

const RECIPIENTS = Array.from({ length: 40 }, (_, n) => `client-${String(n)}`);
const READ = RECIPIENTS.slice(0, 4);
const BATCH_SIZE = 200;
const LOOK_MS = 3_000;
/** How long everything has to come to rest once the faults are over, beside a second for each 2,000 messages. */
const PATIENCE_MS = 180_000;
const PLANTED_PATIENCE_MS = 20_000;

export interface CampaignResult {
  readonly history: History;
  readonly final: FinalState;
  readonly violations: readonly Violation[];
  /** How often each fault was injected. */
  readonly faults: ReadonlyMap<string, number>;
  /** How often a program ended although nobody had killed or terminated it. */
  readonly unaskedEnds: number;
  /** From the last fault until everything had come to rest. */
  readonly settledAfterMs: number;
}

/** One run against a cluster of its own: traffic, faults, rest, and the check of everything that was seen. */
export class Campaign {
  private readonly injector: FaultInjector;
  private readonly senders: Senders;
  private readonly operators: Operators;
  private readonly readers: Readers;

  private constructor(
    private readonly options: TortureOptions,
    private readonly system: System,
    private readonly store: StateReader,
    private readonly log: (line: string) => void,
  ) {
    const { urls } = system;
    const { seed, messages } = options;
    let turn = 0;
    this.injector = new FaultInjector(system);
    const traffic = { urls, recipients: RECIPIENTS, seed, batchSize: BATCH_SIZE, target: messages };
    this.senders = new Senders(traffic);
    this.operators = new Operators(urls, seed + 1);
    this.readers = new Readers(READ, () => urls[(turn += 1) % urls.length] ?? '');
  }

  static async run(
    options: TortureOptions,
    preloads: readonly string[],
    log: (line: string) => void,
  ): Promise<CampaignResult> {
    log('Starting three brokers, three MongoDB nodes, two apis and two receivers ...');
    const system = await System.start(preloads);
    const store = new StateReader(system.mongo.databaseAddress(DATABASE));
    const campaign = new Campaign(options, system, store, log);
    try {
      await campaign.injectFaults();
      return await campaign.settle();
    } finally {
      await campaign.stopTraffic();
      await campaign.readers.stop();
      await store.close();
      await system.remove();
    }
  }

  private async injectFaults(): Promise<void> {
    const { seconds, seed } = this.options;
    const start = elapsed();
    const until = (ms: number): Promise<void> => sleep(Math.max(0, start + ms - elapsed()));
    const perform = async (fault: Fault): Promise<void> => {
      const { kind, target, peer, at, lasts } = fault;
      await until(at);
      const place = peer === undefined ? target : `${target} to ${peer}`;
      this.log(`${(at / 1_000).toFixed(1).padStart(7)} s  ${kind} ${place}, ${(lasts / 1_000).toFixed(1)} s`);
      await this.injector.begin(fault);
      await until(at + lasts);
      await this.injector.end(fault);
    };
    const reported = (fault: Fault): Promise<void> =>
      perform(fault).catch((error: unknown) => this.log(`${fault.kind} ${fault.target}: ${String(error)}`));
    const progress = setInterval(() => this.log(`           ${this.summary()}`), 15_000);
    await Promise.all(scheduleFaults(seed, seconds * 1_000).map(reported));
    await until(seconds * 1_000);
    clearInterval(progress);
  }

  /** Mends everything, waits until all messages and failures have come to rest, and checks. */
  private async settle(): Promise<CampaignResult> {
    const began = elapsed();
    await this.injector.endAll();
    await this.stopTraffic();
    this.log(`Faults are over: ${this.summary()}. Waiting until everything has come to rest ...`);
    await this.system.mendReceivers();
    // With a planted defect it will hardly come to rest.
    const patience =
      this.options.plant === undefined ? PATIENCE_MS + this.senders.accepted / 2 : PLANTED_PATIENCE_MS;
    const isAtRest = async (): Promise<boolean> => {
      await this.operators.replayAll();
      await sleep(LOOK_MS);
      return (await this.look()).violations.length === 0;
    };
    while (!(await isAtRest()) && elapsed() - began < patience);
    const settledAfterMs = elapsed() - began;
    await this.readers.finish().catch((error: unknown) => this.log(String(error)));
    const { final, violations } = await this.look(true);
    const unaskedEnds = [...this.system.programs.values()].reduce((sum, { unasked }) => sum + unasked, 0);
    const { counts: faults } = this.injector;
    return { history: this.history(), final, violations, faults, unaskedEnds, settledAfterMs };
  }

  /** `atTheEnd`: readers must have seen their inboxes whole. */
  private async look(atTheEnd = false): Promise<Pick<CampaignResult, 'final' | 'violations'>> {
    // The views first: what they hold is in the store by then.
    const history = this.history();
    const final = await this.store.read();
    const violations = [...check(history, final), ...notReplayed(history, final)];
    if (atTheEnd) violations.push(...incompleteViews(history, final));
    return { final, violations };
  }

  private history(): History {
    const { sends, unexplained } = this.senders;
    const { acts, bulkReplays } = this.operators;
    return {
      ...{ sends, acts, bulkReplays },
      views: this.readers.views,
      unexplained: [...unexplained, ...this.operators.unexplained, ...this.readers.history.strange],
    };
  }

  private async stopTraffic(): Promise<void> {
    await Promise.all([this.senders.stop(), this.operators.stop()]);
  }

  private summary(): string {
    const { sends, accepted } = this.senders;
    return `${String(accepted)} acknowledged of ${String(sends.length)}, ${String(this.operators.acts.length)} acts`;
  }
}

/** The receivers take every text by now, so a text that was too long before is stored by a replay. */
function notReplayed({ sends }: History, { failures }: FinalState): Violation[] {
  const tooLong = new Set(sends.flatMap(({ text, expected }) => (expected === 'too-long' ? text : [])));
  const open = [...failures.values()].filter(
    ({ state, text }) => state === 'unresolved' && tooLong.has(text),
  );
  return open.map(({ id, to }) => ({ rule: 'failure-state', inbox: to, detail: `${id} was not replayed` }));
}

function incompleteViews({ views }: History, { inboxes }: FinalState): Violation[] {
  return views.flatMap(({ reader, inbox, rows }) => {
    const length = inboxes.get(inbox)?.length ?? 0;
    if (rows.length === length) return [];
    const detail = `${reader} received ${String(rows.length)} of ${String(length)}`;
    return [{ rule: 'reader-view' as const, inbox, detail }];
  });
}
