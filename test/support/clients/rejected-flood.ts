import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { anId } from '../builders.js';

interface Shape {
  readonly recipients: readonly string[];
  /** The number of rounds for each recipient. Each round ends with a valid message. */
  readonly rounds: number;
  /** Consecutive records of one recipient in one round. */
  readonly rejected: number;
}

interface Rejected {
  readonly id: string;
  readonly to: string;
}

interface OutgoingRecord {
  readonly key: string;
  readonly value: string;
}

export const REASON = 'Message validation failed: message: Path `message` is required.';
export const UNREADABLE = 'The record has a value that is not JSON.';
const BATCH_SIZE = 500;
const TIMEOUT_MS = 30_000;

/**
 * Records that are rejected on decoding, between valid messages of the same recipients, as another program writes
 * them.
 */
export class RejectedFlood {
  /** The texts of the valid messages by recipient, in the order of the log. */
  readonly valid = new Map<string, string[]>();
  readonly rejected: Rejected[] = [];
  /** The values of records without a recipient. */
  readonly unreadable: string[] = [];
  private readonly outgoing: OutgoingRecord[] = [];
  private readonly kafka: Kafka;

  constructor(broker: string, { recipients, rounds, rejected }: Shape) {
    this.kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
    for (const to of recipients) this.valid.set(to, []);
    for (let round = 0; round < rounds; round += 1) {
      for (const to of recipients) {
        for (let n = 0; n < rejected; n += 1) this.addRejected(to);
        this.addUnreadable(to);
        this.addValid(to, `good ${String(round)}`);
      }
    }
  }

  /** The number of failed messages that the flood causes. */
  get failures(): number {
    return this.rejected.length + this.unreadable.length;
  }

  async write(topic: string): Promise<void> {
    const producer = this.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    for (let at = 0; at < this.outgoing.length; at += BATCH_SIZE) {
      await producer.send({ topic, acks: -1, messages: this.outgoing.slice(at, at + BATCH_SIZE) });
    }
    await producer.disconnect();
  }

  /** The ids of the rejected messages by recipient, in the order of their first appearance on the dead-letter topic. */
  async deadLetters(topic: string): Promise<Map<string, string[]>> {
    const ids = new Map([...this.valid.keys()].map((to) => [to, new Set<string>()]));
    const isComplete = (): boolean =>
      [...ids.values()].reduce((sum, { size }) => sum + size, 0) >= this.failures;
    const consumer = this.kafka.consumer({ groupId: `${topic}-test` });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${topic} lacks dead letters`)), TIMEOUT_MS);
      const eachMessage = ({
        message,
      }: {
        message: { key: Buffer | null; headers?: object };
      }): Promise<void> => {
        const headers = (message.headers ?? {}) as Record<string, Buffer>;
        ids.get(String(message.key))?.add(String(headers['postrider.message-id']));
        if (isComplete()) {
          clearTimeout(timer);
          resolve();
        }
        return Promise.resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    await consumer.disconnect();
    const rejectedIds = new Set(this.rejected.map(({ id }) => id));
    return new Map([...ids].map(([to, found]) => [to, [...found].filter((id) => rejectedIds.has(id))]));
  }

  private addRejected(to: string): void {
    const id = anId();
    this.rejected.push({ id, to });
    this.outgoing.push({
      key: to,
      value: JSON.stringify({ id, from: 'other', to, text: 'under another name' }),
    });
  }

  private addUnreadable(key: string): void {
    const value = `not JSON ${String(this.unreadable.length)}`;
    this.unreadable.push(value);
    this.outgoing.push({ key, value });
  }

  private addValid(to: string, message: string): void {
    this.valid.get(to)?.push(message);
    this.outgoing.push({ key: to, value: JSON.stringify({ id: anId(), from: 'other', to, message }) });
  }
}
