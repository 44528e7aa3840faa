import type { BatchProducer } from '../../../../../src/adapters/kafka/producing/batch-producer.js';
import type { NewRecord } from '../../../../../src/application/ports/record-log.js';

/** The planned result of a send in flight. `sent`: whether its records were written to the socket. */
export interface Plan {
  readonly sent: boolean;
  /** Absent: acknowledged. */
  readonly error?: Error;
  /** The send never completes. */
  readonly hangs?: boolean;
}

/** The parts of kafkajs's errors that matter here. */
export function brokerError(type: string, retriable: boolean): Error {
  return Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type, retriable });
}

export const connectionError = Object.assign(new Error('ECONNREFUSED'), {
  name: 'KafkaJSConnectionError',
  code: 'ECONNREFUSED',
  retriable: true,
});

/** Producers whose sends end as planned by the test, one plan per send; without a plan they succeed. */
export class FakeProducers {
  readonly plans: Plan[] = [];
  readonly made: FakeProducer[] = [];
  /** Values of records that are in the log. */
  readonly written: string[] = [];
  maxBatch = Infinity;

  readonly make = (): BatchProducer => {
    const producer = new FakeProducer(this);
    this.made.push(producer);
    return producer;
  };
}

export class FakeProducer implements BatchProducer {
  hasProduced = false;
  discarded = false;
  readonly sends: string[][] = [];

  constructor(private readonly all: FakeProducers) {}

  async send(records: readonly NewRecord[]): Promise<void> {
    this.hasProduced = false;
    const values = records.map(({ value }) => String(value?.subarray(0, 20)));
    this.sends.push(values);
    const plan = this.all.plans.shift() ?? { sent: true };
    await Promise.resolve();
    this.hasProduced = plan.sent;
    if (plan.hangs) await new Promise(() => undefined);
    if (plan.error) throw plan.error;
    const large = values.filter((value) => value.startsWith('large'));
    if (large.length > 0 || values.length > this.all.maxBatch) throw brokerError('MESSAGE_TOO_LARGE', false);
    this.all.written.push(...values);
  }

  discard(): Promise<void> {
    this.discarded = true;
    return Promise.resolve();
  }
}
