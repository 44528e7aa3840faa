// Measures how fast kafkajs alone can send: full batches, one after another.
import { Partitioners } from 'kafkajs';
import { messageJson, recipientOf } from '../load/payload.js';
import { serve } from '../processes/serve.js';
import { benchKafka } from '../servers/topics.js';

export interface ProduceJob {
  readonly kafka: string;
  readonly topic: string;
  readonly messages: number;
  readonly recipients: number;
}

const BATCH = 500;
const ALL_IN_SYNC_REPLICAS = -1;

/** Resolves with the milliseconds of the sends, without connecting. */
async function produce({ kafka, topic, messages, recipients }: ProduceJob): Promise<number> {
  const producer = benchKafka(kafka).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const startedAt = performance.now();
  for (let first = 0; first < messages; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, messages - first) }, (_, at) => ({
      key: recipientOf(first + at, recipients),
      value: messageJson(first + at, recipients),
    }));
    await producer.send({ topic, acks: ALL_IN_SYNC_REPLICAS, messages: batch });
  }
  const elapsedMs = performance.now() - startedAt;
  await producer.disconnect();
  return elapsedMs;
}

const tasks = { produce };
export type ProduceTasks = typeof tasks;

serve(tasks);
