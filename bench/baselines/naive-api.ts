// The naive api: every request waits for its own produce request.
import express from 'express';
import { Partitioners } from 'kafkajs';
import { serve } from '../processes/serve.js';
import { benchKafka } from '../servers/topics.js';
import { listeningPort } from './listening-port.js';
import type { BaselineInput, ServerTasks } from './tasks.js';

interface Content {
  readonly from: string;
  readonly to: string;
  readonly message: string;
}

async function start({ kafka, topic }: BaselineInput): Promise<number> {
  const producer = benchKafka(kafka).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const app = express();
  app.use(express.json());
  app.post('/send-message', async (request, response) => {
    const { from, to, message } = request.body as Content; // Naive: it does not validate the body.
    const value = JSON.stringify({ from, to, message });
    await producer.send({ topic, messages: [{ key: to, value }] });
    response.status(201).send('message created.');
  });
  return listeningPort(app.listen(0, '127.0.0.1'));
}

serve({ start } satisfies ServerTasks);
