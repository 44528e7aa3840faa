import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Readers } from '../test/faults/inbox/readers.js';
import { checkSettled, checkReplays } from './check/settled.js';
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
const READ_INBOXES = [...RECIPIENTS.slice(0, 3), ...BATCH_RECIPIENTS.slice(0, 1)];
/** The share of the campaign's time in which batches reach the requested number of messages. */
const BATCHING_SHARE = 0.85;
const CHECK_PAUSE_MS = 3_000;
/** Time for all messages to be settled after the last fault, in addition to one second per 2,000 messages. */
const SETTLE_TIMEOUT_MS = 180_000;
/**
 * With a planted defect some messages may never be settled, so the run ends when nothing new was stored for
 * this many checks.
 */
const CHECKS_WITHOUT_PROGRESS = 4;

export interface CampaignResult {
  readonly history: History;
  readonly final: FinalState;
  readonly violations: readonly Violation[];
  /** How long each fault lasted, in milliseconds, by its name. */
  readonly faults: ReadonlyMap<string, readonly number[]>;
  /** Sends that their client aborted before the response arrived. */
  readonly abortedSends: number;
  /** How often a program exited although the campaign did not kill or terminate it. */
  readonly unexpectedExits: number;
  /** How long faults were injected. */
  readonly faultsMs: number;
  /** Time from the last fault until all messages and failures were settled. */
  readonly settledAfterMs: number;
}

/** One run against its own cluster: injects faults under traffic, waits until all is settled, and checks the result. */
export class Campaign {
  private readonly injector: FaultInjector;
  private readonly senders: Senders;
  private readonly operators: Operators;
  private readonly readers: Readers;
  private faultsMs = 0;

  private constructor(
    private readonly options: TortureOptions,
    private readonly system: System,
    private readonly store: StateReader,
    private readonly log: (line: string) => void,
  ) {
    const { urls } = system;
    const { seed, seconds, messages } = options;
    let nextUrl = 0;
    this.injector = new FaultInjector(system);
    const perMs = messages / (seconds * 1_000 * BATCHING_SHARE);
    const startedAt = elapsed();
    const budget = (): number => Math.min(messages, (elapsed() - startedAt) * perMs);
    this.senders = new Senders({
      ...{ urls, seed, budget },
      ...{ recipients: RECIPIENTS, batchRecipients: BATCH_RECIPIENTS },
    });
    this.operators = new Operators(urls, seed + 1);
    this.readers = new Readers(READ_INBOXES, () => urls[(nextUrl += 1) % urls.length] ?? '');
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
    const campaignEnd = new AbortController();
    setMaxListeners(0, campaignEnd.signal);
    const sleepUntil = (ms: number): Promise<void> =>
      sleep(Math.max(0, start + ms - elapsed()), undefined, campaignEnd).catch(() => undefined);
    const pendingEnds = new Map<Target, Promise<void>>();
    const perform = async (fault: Fault): Promise<void> => {
      const { kind, target, peer, at, durationMs } = fault;
      await sleepUntil(at);
      // A server may take long to recover from the previous fault.
      await pendingEnds.get(target);
      if (campaignEnd.signal.aborted || elapsed() - start > at + durationMs) return;
      const location = peer === undefined ? target : `${target} to ${peer}`;
      this.log(
        `${(at / 1_000).toFixed(1).padStart(7)} s  ${kind} ${location}, ${(durationMs / 1_000).toFixed(1)} s`,
      );
      await this.injector.begin(fault);
      await sleepUntil(at + durationMs);
      const ended = this.injector.end(fault);
      pendingEnds.set(
        target,
        ended.catch(() => undefined),
      );
      await ended;
    };
    const performAndLog = (fault: Fault): Promise<void> =>
      perform(fault).catch((error: unknown) => this.log(`${fault.kind} ${fault.target}: ${String(error)}`));
    const progress = setInterval(() => {
      this.log(`           ${this.summary()}`);
      if (this.options.endWhenAcknowledged === true && this.senders.accepted >= this.options.messages)
        campaignEnd.abort();
    }, 15_000);
    await Promise.all(scheduleFaults(seed, seconds * 1_000).map(performAndLog));
    await sleepUntil(seconds * 1_000);
    clearInterval(progress);
    this.faultsMs = elapsed() - start;
  }

  /** Ends all faults, waits until all messages and failures are settled, and checks the result. */
  private async settle(): Promise<CampaignResult> {
    const startedAt = elapsed();
    await this.injector.endAll();
    await this.stopTraffic();
    this.log(`Faults have ended: ${this.summary()}. Waiting until all messages are settled ...`);
    await this.system.liftLengthLimit();
    const timeoutMs = SETTLE_TIMEOUT_MS + this.senders.accepted / 2;
    let stored = -1;
    let checksWithoutProgress = 0;
    const isSettled = async (): Promise<boolean> => {
      await this.operators.replayAll();
      await sleep(CHECK_PAUSE_MS);
      const before = stored;
      stored = await this.store.stored();
      // Read everything only when no more messages arrive, because reading a million of them takes long.
      if (stored !== before) {
        checksWithoutProgress = 0;
        return false;
      }
      const { violations } = await this.checkState();
      checksWithoutProgress += 1;
      const isPlanted = this.options.defect !== undefined;
      return violations.length === 0 || (isPlanted && checksWithoutProgress >= CHECKS_WITHOUT_PROGRESS);
    };
    while (!(await isSettled()) && elapsed() - startedAt < timeoutMs);
    const settledAfterMs = elapsed() - startedAt;
    await this.readers.finish().catch((error: unknown) => this.log(String(error)));
    const { final, violations } = await this.checkState(true);
    const unexpectedExits = [...this.system.programs.values()].reduce(
      (sum, { unexpectedExits }) => sum + unexpectedExits,
      0,
    );
    const { durations: faults } = this.injector;
    const { abortedSends } = this.senders;
    const { faultsMs } = this;
    const times = { faultsMs, settledAfterMs };
    return { history: this.history(), final, violations, faults, abortedSends, unexpectedExits, ...times };
  }

  /** Reads and checks the current state. With `atTheEnd`, readers must have received their complete inboxes. */
  private async checkState(atTheEnd = false): Promise<Pick<CampaignResult, 'final' | 'violations'>> {
    // Take the readers' views first: the store, read later, then contains everything in them.
    const history = this.history();
    const final = await this.store.read();
    const endState = atTheEnd ? checkSettled(history, final) : checkReplays(history, final);
    return { final, violations: [...check(history, final), ...endState] };
  }

  private history(): History {
    const { sends, unexplained } = this.senders;
    const { actions, bulkReplays } = this.operators;
    return {
      ...{ sends, actions, bulkReplays },
      views: this.readers.views,
      unexplained: [...unexplained, ...this.operators.unexplained, ...this.readers.history.unexplained],
    };
  }

  private async stopTraffic(): Promise<void> {
    await Promise.all([this.senders.stop(), this.operators.stop()]);
  }

  private summary(): string {
    const { sends, accepted } = this.senders;
    return `${String(accepted)} acknowledged of ${String(sends.length)}, ${String(this.operators.actions.length)} operator actions`;
  }
}
