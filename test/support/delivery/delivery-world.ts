import { DeliveryEngine } from '../../../src/application/delivery/delivery-engine.js';
import type { CheckPartition } from '../../../src/application/delivery/misplaced-records.js';
import type { RunSender } from '../../../src/application/ports/record-log.js';
import { SendQueue } from '../../../src/application/sending/queue/send-queue.js';
import { InMemoryLedger } from '../memory/in-memory-ledger.js';
import { JsonRecordCodec } from '../../../src/adapters/codec/json-record-codec.js';
import { DeliveryPolicy } from '../../../src/domain/delivery/delivery-policy.js';
import type { FailedMessage } from '../../../src/domain/failures/failed-message.js';
import { OPEN_STATES } from '../../../src/domain/failures/failed-message.js';
import type { StoredMessage } from '../../../src/domain/message.js';
import { ServedClients } from '../../../src/domain/delivery/served-clients.js';
import { identities } from '../builders.js';
import { DeadLetterLog } from './dead-letter-log.js';
import { FakeClock } from '../fake-clock.js';
import { UnreliableLedger } from './ledger/unreliable-ledger.js';
import { silentTelemetry } from '../silent-telemetry.js';
import { SimulatedFeed } from './simulated-feed.js';

export const PARTITIONS = 2;
export const PARKED_MAX = 4;

export interface WorldOptions {
  readonly served?: ServedClients;
  readonly batchSize?: () => number;
  readonly random?: () => number;
  readonly onCommit?: ConstructorParameters<typeof SimulatedFeed>[2];
  readonly expiresAfterMs?: number;
  readonly latency?: () => number;
  /** The duration of an append to the dead-letter topic. */
  readonly appendLatency?: () => number;
  readonly parkedMax?: number;
  readonly checkPartition?: CheckPartition;
  /** Creates the publisher of dead letters for an engine; by default a queue in front of `deadLetterLog`. */
  readonly deadLetters?: (world: DeliveryWorld) => RunSender;
}

/** Engines, their store and their log, all in this process and under the test's clock. */
export class DeliveryWorld {
  readonly clock = new FakeClock();
  readonly store = new InMemoryLedger(this.clock, identities);
  readonly ledger: UnreliableLedger;
  readonly codec = new JsonRecordCodec(identities, 10_000);
  readonly feed: SimulatedFeed;
  readonly deadLetterLog: DeadLetterLog;
  engines: DeliveryEngine[] = [];

  constructor(private readonly options: WorldOptions = {}) {
    this.ledger = new UnreliableLedger(this.store, this.clock, options.latency ?? (() => 0));
    this.feed = new SimulatedFeed(PARTITIONS, options.batchSize ?? (() => 100), options.onCommit);
    this.deadLetterLog = new DeadLetterLog(this.feed, this.clock, partitionOf, options.appendLatency);
  }

  async start(engines = 1): Promise<void> {
    for (let n = 0; n < engines; n += 1) {
      const engine = this.newEngine();
      this.engines.push(engine);
      await engine.start();
    }
    this.feed.assign((partition) => partition);
  }

  async crashAndRestart(engines = 1): Promise<void> {
    this.feed.crash();
    this.engines = [];
    await this.start(engines);
  }

  async settle(): Promise<void> {
    this.ledger.down = false;
    this.deadLetterLog.down = false;
    await this.clock.advance(120_000);
  }

  async stored(to?: string): Promise<StoredMessage[]> {
    return toArray(this.store.messages(to === undefined ? {} : { to }));
  }

  async failures(): Promise<FailedMessage[]> {
    return toArray(this.store.failures({ states: OPEN_STATES }));
  }

  get maxParked(): number {
    return Math.max(0, ...this.engines.map((engine) => engine.parked));
  }

  private newEngine(): DeliveryEngine {
    const { random = () => 0.5, served = ServedClients.all, expiresAfterMs } = this.options;
    const { parkedMax = PARKED_MAX } = this.options;
    const queue = (): RunSender => new SendQueue(this.deadLetterLog, this.clock, { timeoutMs: 5_000 });
    const retry = { max: 3, initialMs: 1_000, factor: 2, jitter: 0.2 };
    return new DeliveryEngine(
      { served, group: 'receiver', failuresGroup: 'failures', parkedMax },
      {
        feed: this.feed,
        ledger: this.ledger,
        deadLetters: this.options.deadLetters?.(this) ?? queue(),
        codec: this.codec,
        policy: new DeliveryPolicy(retry, expiresAfterMs),
        checkPartition: this.options.checkPartition ?? (() => undefined),
        clock: this.clock,
        telemetry: silentTelemetry,
        random,
      },
    );
  }
}

/** A recipient has one partition, which the last character determines. */
export function partitionOf(recipient: string): number {
  return recipient === '' ? 0 : recipient.charCodeAt(recipient.length - 1) % PARTITIONS;
}

async function toArray<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const row of rows) collected.push(row);
  return collected;
}
