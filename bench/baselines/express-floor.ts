// An Express server that parses JSON and does nothing else.
import express from 'express';
import { serve } from '../processes/serve.js';
import { listeningPort } from './listening-port.js';
import type { ServerTasks } from './tasks.js';

function start(): Promise<number> {
  const app = express();
  app.use(express.json());
  app.post('/send-message', (_request, response) => {
    response.status(201).send('message created.');
  });
  return listeningPort(app.listen(0, '127.0.0.1'));
}

serve({ start } satisfies ServerTasks);
