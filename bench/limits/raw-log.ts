// Writes records with kafkajs alone, in requests of a given size, and reads each of them once.
import { Partitioners, type Producer } from 'kafkajs';
import { messageJson, recipientOf } from '../load/payload.js';
import { serve } from '../processes/serve.js';
import { benchKafka } from '../servers/topics.js';

export interface TopicAddress {
  readonly kafka: string;
  readonly topic: string;
}

export interface LogJob {
  readonly records: number;
  /** Records per request. */
  readonly batch: number;
  readonly recipients: number;
}

const ALL_IN_SYNC_REPLICAS = -1;
/** How long the broker waits for new records, as in the program. */
const MAX_WAIT_MS = 100;
const TIMEOUT_MS = 60_000;

let connection: { readonly topic: string; readonly producer: Producer } | undefined;
let written = 0;
let read = 0;

/** Connects a producer and a consumer. The topic must exist. */
async function open({ kafka, topic }: TopicAddress): Promise<void> {
  const client = benchKafka(kafka);
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const consumer = client.consumer({ groupId: `${topic}-raw`, maxWaitTimeInMs: MAX_WAIT_MS });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: ({ batch }) => {
      read += batch.messages.length;
      return Promise.resolve();
    },
  });
  connection = { topic, producer };
}

/** Writes the records. Resolves when all are written and read. */
async function writeAndRead({ records, batch, recipients }: LogJob): Promise<void> {
  if (connection === undefined) throw new Error('No topic is open.');
  const { topic, producer } = connection;
  for (let first = 0; first < records; first += batch) {
    const messages = Array.from({ length: Math.min(batch, records - first) }, (_, at) => ({
      key: recipientOf(first + at, recipients),
      value: messageJson(first + at, recipients),
    }));
    await producer.send({ topic, acks: ALL_IN_SYNC_REPLICAS, messages });
  }
  written += records;
  for (const deadline = Date.now() + TIMEOUT_MS; read < written;) {
    if (Date.now() > deadline) throw new Error(`${read} records were read, not ${written}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const tasks = { open, writeAndRead };
export type LogTasks = typeof tasks;

serve(tasks);
