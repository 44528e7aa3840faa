import { spreadOf, type Spread } from '../report/statistics.js';
import { Connection } from './connection.js';
import type { HttpResponse } from './response-reader.js';

export interface PageJob {
  readonly port: number;
  readonly path: string;
  readonly requests: number;
  /** Messages that each response must contain. */
  readonly messages: number;
}

/** Reads one page `requests` times in sequence. Resolves with the milliseconds per request. */
export async function readPages({ port, path, requests, messages }: PageJob): Promise<Spread> {
  const connection = new Connection(port);
  const request = `GET ${path} HTTP/1.1\r\nhost: bench\r\n\r\n`;
  const times: number[] = [];
  for (let at = 0; at < requests; at += 1) {
    const startedAt = performance.now();
    const response = await new Promise<HttpResponse>((resolve) => connection.send(request, resolve));
    times.push(performance.now() - startedAt);
    const found = response.body.split('"message":"').length - 1;
    if (response.status !== 200 || found !== messages) {
      throw new Error(`${path}: ${response.status} with ${found} messages, not ${messages}`);
    }
  }
  connection.close();
  return spreadOf(times);
}
