// A producer of another program. Writes records that the receiver rejects when it decodes them.
import { Partitioners } from 'kafkajs';
import { serve } from '../processes/serve.js';
import { benchKafka } from '../servers/topics.js';
import { recipientOf, textOf } from './payload.js';

export interface RejectedJob {
  readonly kafka: string;
  readonly topic: string;
  readonly records: number;
  /** 0 writes records that are not messages at all. */
  readonly recipients: number;
}

const BATCH = 500;
const ALL_IN_SYNC_REPLICAS = -1;

async function write({ kafka, topic, records, recipients }: RejectedJob): Promise<void> {
  const producer = benchKafka(kafka).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let first = 0; first < records; first += BATCH) {
    const length = Math.min(BATCH, records - first);
    const messages = Array.from({ length }, (_, at) => recordOf(first + at, recipients));
    await producer.send({ topic, acks: ALL_IN_SYNC_REPLICAS, messages });
  }
  await producer.disconnect();
}

function recordOf(index: number, recipients: number): { readonly key: string; readonly value: string } {
  if (recipients === 0) return { key: String(index), value: textOf(index) };
  const to = recipientOf(index, recipients);
  // The member `text` is not part of a message.
  return { key: to, value: `{"from":"bench","to":"${to}","text":"${textOf(index)}"}` };
}

const tasks = { write };
export type RejectedTasks = typeof tasks;

serve(tasks);
