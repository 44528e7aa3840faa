import { IdempotencyKeyReused } from '../../../src/application/sending/send-idempotency.js';
import type { SendRequest } from '../../../src/application/sending/send-message.js';
import { InvalidMessage } from '../../../src/domain/message-rules.js';
import {
  ApiProcess,
  NO_FAULTS,
  type Answer,
  type LookUp,
  type Faults,
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
  | { readonly do: 'repeat'; readonly api: number; readonly index: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'outage'; readonly down: boolean }
  | { readonly do: 'responses-lost'; readonly count: number }
  | { readonly do: 'dead-letter-log'; readonly down: boolean }
  | { readonly do: 'poison'; readonly send: KeyedSend; readonly tries: number }
  | { readonly do: 'crash' | 'rebalance'; readonly engines: number };

/** Behaviours that are repeated in order; at least one of each. */
export interface Behaviours {
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
  private readonly finished = new Set<number>();
  private faults: Faults;
  private readonly apis: ApiProcess[] = [];

  constructor({ lookUps, publishing, latencies, batchSizes, writes }: Behaviours) {
    this.world = new DeliveryWorld({ batchSize: rotating(batchSizes), latency: rotating(writes) });
    this.faults = {
      lookUp: rotating(lookUps),
      publishing: rotating(publishing),
      latency: rotating(latencies),
    };
  }

  async play(steps: readonly Step[]): Promise<void> {
    await this.world.start(2);
    for (const step of steps) await this.playStep(step);
    await this.world.settle();
    this.faults = NO_FAULTS;
    // The client repeats sends without a result, or without a final one.
    for (const at of this.open) this.repeat(0, at);
    await this.world.settle();
  }

  get open(): readonly number[] {
    return [...this.sends.keys()].filter((at) => !this.finished.has(at));
  }

  /** Repeats each send after everything is settled, with no faults left. */
  async repeatAll(sends: readonly KeyedSend[]): Promise<readonly (Answer | undefined)[]> {
    const answers = sends.map((): Answer | undefined => undefined);
    for (const [at, send] of sends.entries()) {
      this.api(1).send([requestOf(send)], (_, answer) => (answers[at] = answer));
    }
    await this.world.settle();
    return answers;
  }

  private async playStep(step: Step): Promise<void> {
    const { world } = this;
    switch (step.do) {
      case 'send':
        this.send(step.api, step.sends);
        break;
      case 'repeat':
        if (this.sends.length > 0) this.repeat(step.api, step.index % this.sends.length);
        break;
      case 'advance':
        await world.clock.advance(step.ms);
        break;
      case 'outage':
        world.ledger.down = step.down && 'unavailable';
        break;
      case 'responses-lost':
        world.ledger.responsesToLose = step.count;
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
      this.recordAnswer(first + index, answer);
    });
  }

  private repeat(at: number, index: number): void {
    // Just looked up by its index.
    const send = this.sends[index] as KeyedSend;
    this.api(at).send([requestOf(send)], (_, answer) => {
      this.recordAnswer(index, answer);
    });
  }

  private recordAnswer(index: number, answer: Answer): void {
    this.answers.push([this.sends[index] as KeyedSend, answer]);
    const isFinal =
      answer.kind === 'accepted' ||
      answer.error instanceof IdempotencyKeyReused ||
      answer.error instanceof InvalidMessage;
    if (isFinal) this.finished.add(index);
  }

  /** Restarts a process that has died. */
  private api(at: number): ApiProcess {
    const running = this.apis[at];
    if (running && !running.isDead) return running;
    return (this.apis[at] = new ApiProcess(this.world, () => this.faults));
  }
}
