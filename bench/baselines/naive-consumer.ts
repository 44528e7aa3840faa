// The naive consumer: inserts one document per message, one after another.
import { createConnection, Schema } from 'mongoose';
import { serve } from '../processes/serve.js';
import { benchKafka } from '../servers/topics.js';
import type { BaselineInput, ConsumerTasks } from './tasks.js';

const schema = new Schema({
  from: { type: String, required: true },
  to: { type: String, required: true },
  message: { type: String, required: true },
  send_time: Date,
});

let count = 0;

async function start({ kafka, mongodb, topic }: BaselineInput): Promise<void> {
  const connection = await createConnection(mongodb).asPromise();
  const messages = connection.model('Message', schema);
  const consumer = benchKafka(kafka).consumer({ groupId: `${topic}-naive` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message: { value, timestamp } }) => {
      const content = JSON.parse(value?.toString() ?? '{}') as object;
      await messages.create({ ...content, send_time: new Date(Number(timestamp)) });
      count += 1;
    },
  });
}

serve({ start, stored: () => count } satisfies ConsumerTasks);
