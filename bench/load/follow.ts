import { get, type ClientRequest } from 'node:http';
import { NUMBERS_IN_JSON } from './payload.js';

/** Reads a client's live stream from after the inbox number `after`. Resolves when the stream is open. */
export function follow(
  port: number,
  client: string,
  onNumber: (number: number) => void,
  after = 0,
): Promise<ClientRequest> {
  return new Promise((resolve, reject) => {
    const path = `/clients/${client}/inbox/stream?after=${after}`;
    const request = get({ host: '127.0.0.1', port, path }, (response) => {
      let rest = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          for (const [, number] of line.matchAll(NUMBERS_IN_JSON)) onNumber(Number(number));
        }
      });
      response.on('error', () => undefined);
      resolve(request);
    });
    request.once('error', reject);
  });
}
