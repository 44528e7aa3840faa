import { IdempotencyKeyReused } from '../../../src/application/sending/send-idempotency.js';
import type { SendRequest } from '../../../src/application/sending/send-message.js';
import { InvalidMessage } from '../../../src/domain/message-rules.js';
import {
  ApiProcess,
  NO_PLAGUES,
  type Answer,
  type LookUp,
  type Plagues,
  type Publishing,
} from './api-processes.js';
import { identities } from '../builders.js';
import { DeliveryWorld } from '../delivery/delivery-world.js';

export interface KeyedSend {
  readonly from: string;
  readonly key: string;
  readonly to: string;
  readonly message: string;
}

export type Step =
  | { readonly do: 'send'; readonly api: number; readonly sends: readonly KeyedSend[] }
  | { readonly do: 'repeat'; readonly api: number; readonly which: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'outage'; readonly down: boolean }
  | { readonly do: 'answers-lost'; readonly count: number }
  | { readonly do: 'dead-letter-log'; readonly down: boolean }
  | { readonly do: 'poison'; readonly send: KeyedSend; readonly tries: number }
  | { readonly do: 'crash' | 'rebalance'; readonly engines: number };

/** Behaviours that are repeated in order; at least one of each. */
export interface Surroundings {
  readonly lookUps: readonly LookUp[];
  readonly publishing: readonly Publishing[];
  /** The delays of records to the log, and of writes to the store, in milliseconds. */
  readonly latencies: readonly number[];
  readonly writes: readonly number[];
  readonly batchSizes: readonly number[];
}

function rotating<T>(values: readonly T[]): () => T {
  let at = 0;
  // There is at least one.
  return () => values[at++ % values.length] as T;
}

const requestOf = ({ key, ...content }: KeyedSend): SendRequest => ({ content, idempotencyKey: key });

/** Clients, api processes and receivers, and all results that the clients got. */
export class KeyedSends {
  readonly world: DeliveryWorld;
  readonly sends: KeyedSend[] = [];
  readonly answers: (readonly [KeyedSend, Answer])[] = [];
  /** Sends with a final result, by their index. */
  private readonly concluded = new Set<number>();
  private plagues: Plagues;
  private readonly apis: ApiProcess[] = [];

  constructor({ lookUps, publishing, latencies, batchSizes, writes }: Surroundings) {
    this.world = new DeliveryWorld({ batchSize: rotating(batchSizes), latency: rotating(writes) });
    this.plagues = {
      lookUp: rotating(lookUps),
      publishing: rotating(publishing),
      latency: rotating(latencies),
    };
  }

  async play(all: readonly Step[]): Promise<void> {
    await this.world.start(2);
    for (const step of all) await this.playOne(step);
    await this.world.settleDown();
    this.plagues = NO_PLAGUES;
    // The client repeats sends without a result, or without a final one.
    for (const at of this.open) this.repeat(0, at);
    await this.world.settleDown();
  }

  get open(): readonly number[] {
    return [...this.sends.keys()].filter((at) => !this.concluded.has(at));
  }

  /** Repeats each send after everything is settled, with no faults left. */
  async askAgain(sends: readonly KeyedSend[]): Promise<readonly (Answer | undefined)[]> {
    const answers = sends.map((): Answer | undefined => undefined);
    for (const [at, one] of sends.entries()) {
      this.api(1).send([requestOf(one)], (_, answer) => (answers[at] = answer));
    }
    await this.world.settleDown();
    return answers;
  }

  private async playOne(step: Step): Promise<void> {
    const { world } = this;
    switch (step.do) {
      case 'send':
        this.send(step.api, step.sends);
        break;
      case 'repeat':
        if (this.sends.length > 0) this.repeat(step.api, step.which % this.sends.length);
        break;
      case 'advance':
        await world.clock.advance(step.ms);
        break;
      case 'outage':
        world.ledger.down = step.down && 'unavailable';
        break;
      case 'answers-lost':
        world.ledger.lostAnswers = step.count;
        break;
      case 'dead-letter-log':
        world.deadLetterLog.down = step.down;
        break;
      case 'poison':
        world.ledger.poison.set(identities.ofIdempotencyKey(step.send.from, step.send.key), step.tries);
        break;
      case 'crash':
        await world.crashAndRestart(step.engines);
        break;
      case 'rebalance':
        world.feed.assign((partition, members) => (partition + step.engines) % members);
        break;
    }
  }

  private send(at: number, sends: readonly KeyedSend[]): void {
    const first = this.sends.push(...sends) - sends.length;
    this.api(at).send(sends.map(requestOf), (index, answer) => {
      this.note(first + index, answer);
    });
  }

  private repeat(at: number, which: number): void {
    // Just looked up by its index.
    const one = this.sends[which] as KeyedSend;
    this.api(at).send([requestOf(one)], (_, answer) => {
      this.note(which, answer);
    });
  }

  private note(which: number, answer: Answer): void {
    this.answers.push([this.sends[which] as KeyedSend, answer]);
    const isFinal =
      answer.kind === 'accepted' ||
      answer.error instanceof IdempotencyKeyReused ||
      answer.error instanceof InvalidMessage;
    if (isFinal) this.concluded.add(which);
  }

  /** Restarts a process that has died. */
  private api(at: number): ApiProcess {
    const running = this.apis[at];
    if (running && !running.isDead) return running;
    return (this.apis[at] = new ApiProcess(this.world, () => this.plagues));
  }
}
