import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Readers } from '../test/faults/readers.js';
import { checkAtRest, leftToReplay, notReplayed } from './check/at-rest.js';
import { check } from './check/check.js';
import { elapsed } from './clock.js';
import { FaultInjector } from './faults/injector.js';
import { StateReader } from './final-state.js';
import type { FinalState, History, Violation } from './history.js';
import type { TortureOptions } from './options.js';
import { scheduleFaults, type Fault, type Target } from './schedule.js';
import { DATABASE, System } from './system.js';
import { Operators } from './workload/operators.js';
import { Senders } from './workload/senders.js';

const RECIPIENTS = Array.from({ length: 40 }, (_, n) => `client-${String(n)}`);
const BATCH_RECIPIENTS = Array.from({ length: 400 }, (_, n) => `batched-${String(n)}`);
const READ = [...RECIPIENTS.slice(0, 3), ...BATCH_RECIPIENTS.slice(0, 1)];
/** The share of the campaign's time in which batches reach the requested number of messages. */
const BATCHING = 0.85;
const CHECK_PAUSE_MS = 3_000;
/** Time for all messages to be settled after the last fault, in addition to one second per 2,000 messages. */
const SETTLE_TIMEOUT_MS = 180_000;
/** With a planted defect violations may remain, so the run ends when nothing has been stored for this many checks. */
const CHECKS_WITHOUT_PROGRESS = 4;

export interface CampaignResult {
  readonly history: History;
  readonly final: FinalState;
  readonly violations: readonly Violation[];
  /** How long each fault lasted, in milliseconds, by its name. */
  readonly faults: ReadonlyMap<string, readonly number[]>;
  /** Sends whose client gave up waiting for the answer. */
  readonly givenUp: number;
  /** How often a program exited without having been killed or terminated. */
  readonly unaskedEnds: number;
  /** How long faults were injected. */
  readonly lastedMs: number;
  /** Time from the last fault until all messages and failures were settled. */
  readonly settledAfterMs: number;
}

/** One run against a cluster of its own: traffic, faults, rest, and the check of everything that was seen. */
export class Campaign {
  private readonly injector: FaultInjector;
  private readonly senders: Senders;
  private readonly operators: Operators;
  private readonly readers: Readers;
  private lastedMs = 0;

  private constructor(
    private readonly options: TortureOptions,
    private readonly system: System,
    private readonly store: StateReader,
    private readonly log: (line: string) => void,
  ) {
    const { urls } = system;
    const { seed, seconds, messages } = options;
    let turn = 0;
    this.injector = new FaultInjector(system);
    const perMs = messages / (seconds * 1_000 * BATCHING);
    const began = elapsed();
    const budget = (): number => Math.min(messages, (elapsed() - began) * perMs);
    this.senders = new Senders({
      ...{ urls, seed, budget },
      ...{ recipients: RECIPIENTS, batchRecipients: BATCH_RECIPIENTS },
    });
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
    const over = new AbortController();
    setMaxListeners(0, over.signal);
    const until = (ms: number): Promise<void> =>
      sleep(Math.max(0, start + ms - elapsed()), undefined, over).catch(() => undefined);
    const ending = new Map<Target, Promise<void>>();
    const perform = async (fault: Fault): Promise<void> => {
      const { kind, target, peer, at, lasts } = fault;
      await until(at);
      // A server may take long to come back from the fault before.
      await ending.get(target);
      if (over.signal.aborted || elapsed() - start > at + lasts) return;
      const place = peer === undefined ? target : `${target} to ${peer}`;
      this.log(`${(at / 1_000).toFixed(1).padStart(7)} s  ${kind} ${place}, ${(lasts / 1_000).toFixed(1)} s`);
      await this.injector.begin(fault);
      await until(at + lasts);
      const ended = this.injector.end(fault);
      ending.set(
        target,
        ended.catch(() => undefined),
      );
      await ended;
    };
    const reported = (fault: Fault): Promise<void> =>
      perform(fault).catch((error: unknown) => this.log(`${fault.kind} ${fault.target}: ${String(error)}`));
    const progress = setInterval(() => {
      this.log(`           ${this.summary()}`);
      if (this.options.endsEarly === true && this.senders.accepted >= this.options.messages) over.abort();
    }, 15_000);
    await Promise.all(scheduleFaults(seed, seconds * 1_000).map(reported));
    await until(seconds * 1_000);
    clearInterval(progress);
    this.lastedMs = elapsed() - start;
  }

  /** Ends all faults, waits until all messages and failures are settled, and checks the result. */
  private async settle(): Promise<CampaignResult> {
    const began = elapsed();
    await this.injector.endAll();
    await this.stopTraffic();
    this.log(`Faults have ended: ${this.summary()}. Waiting until all messages are settled ...`);
    await this.system.mendReceivers();
    const timeoutMs = SETTLE_TIMEOUT_MS + this.senders.accepted / 2;
    let stored = -1;
    let checksWithoutProgress = 0;
    const isSettled = async (): Promise<boolean> => {
      await this.operators.replayAll();
      await sleep(CHECK_PAUSE_MS);
      const before = stored;
      stored = await this.store.stored();
      // Read everything only when no more messages arrive, because reading a million takes a while.
      if (stored !== before) {
        checksWithoutProgress = 0;
        return false;
      }
      const { final, violations } = await this.checkState();
      await this.operators.replayEach(leftToReplay(this.history(), final).map(({ id }) => id));
      checksWithoutProgress += 1;
      const isPlanted = this.options.plant !== undefined;
      return violations.length === 0 || (isPlanted && checksWithoutProgress >= CHECKS_WITHOUT_PROGRESS);
    };
    while (!(await isSettled()) && elapsed() - began < timeoutMs);
    const settledAfterMs = elapsed() - began;
    await this.readers.finish().catch((error: unknown) => this.log(String(error)));
    const { final, violations } = await this.checkState(true);
    const unaskedEnds = [...this.system.programs.values()].reduce((sum, { unasked }) => sum + unasked, 0);
    const { durations: faults } = this.injector;
    const { givenUp } = this.senders;
    const { lastedMs } = this;
    const times = { lastedMs, settledAfterMs };
    return { history: this.history(), final, violations, faults, givenUp, unaskedEnds, ...times };
  }

  /** Reads and checks the current state. With `atTheEnd`, readers must have received their complete inboxes. */
  private async checkState(atTheEnd = false): Promise<Pick<CampaignResult, 'final' | 'violations'>> {
    // Take the readers' views first: the store, read later, then contains everything in them.
    const history = this.history();
    const final = await this.store.read();
    const atRest = atTheEnd ? checkAtRest(history, final) : notReplayed(history, final);
    return { final, violations: [...check(history, final), ...atRest] };
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
