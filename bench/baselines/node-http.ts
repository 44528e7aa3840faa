// A minimal Node server. Its rate shows the capacity of the load generator.
import { createServer } from 'node:http';
import { serve } from '../processes/serve.js';
import { listeningPort } from './listening-port.js';
import type { ServerTasks } from './tasks.js';

function start(): Promise<number> {
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => response.writeHead(201, { 'content-length': 16 }).end('message created.'));
  });
  return listeningPort(server.listen(0, '127.0.0.1'));
}

serve({ start } satisfies ServerTasks);
