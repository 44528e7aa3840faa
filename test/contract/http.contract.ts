import { HttpClient } from '../support/http-client.js';
import { batchContract } from './http/batches.js';
import { listContract } from './http/lists.js';
import { pathContract } from './http/paths.js';
import { refusalContract } from './http/refusals.js';
import { sendContract } from './http/sending.js';

/** A running system with at least one receiver for all clients, that records at least 100 refused sends a second. */
export interface HttpUnderTest {
  readonly baseUrl: string;
  readonly messageMaxLength: number;
  close(): Promise<void>;
}

export interface UsedHttp {
  readonly client: HttpClient;
  readonly messageMaxLength: number;
}

/** What HTTP clients may rely on, on every back end. The suite shares one system, whatever else is in it. */
export function httpContract(name: string, start: () => Promise<HttpUnderTest>): void {
  describe(`${name} by HTTP`, function () {
    this.timeout(60_000);
    let system: HttpUnderTest;
    const used: UsedHttp = {
      get client() {
        return new HttpClient(system.baseUrl);
      },
      get messageMaxLength() {
        return system.messageMaxLength;
      },
    };
    before(async () => {
      system = await start();
    });
    after(() => system.close());

    sendContract(used);
    batchContract(used);
    refusalContract(used);
    listContract(used);
    pathContract(used);
  });
}
