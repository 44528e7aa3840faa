import type { Ledger } from '../../../src/application/ports/ledger.js';
import { HttpClient } from '../../support/http/http-client.js';
import { alteredSendContract } from './altered-sends.js';
import { batchContract } from './batches.js';
import { failureContract } from './failures.js';
import { idempotencyContract } from './idempotency.js';
import { inboxContract } from './inboxes.js';
import { lifeContract } from './message-status.js';
import { listContract } from './lists.js';
import { pathContract } from './paths.js';
import { refusalContract } from './refusals.js';
import { sendContract } from './sending.js';
import { streamContract } from './streams.js';
import { waitingContract } from './waiting.js';

/** A running system with at least one receiver for all clients, which records at least 100 invalid sends a second. */
export interface HttpUnderTest {
  readonly baseUrl: string;
  readonly messageMaxLength: number;
  /** Changes a failed message in the system's store, as replays and corrections do. */
  readonly amend?: Ledger['amend'];
  close(): Promise<void>;
}

export interface UsedHttp {
  readonly client: HttpClient;
  readonly messageMaxLength: number;
  readonly amend: Ledger['amend'] | undefined;
}

export interface HttpFeatures {
  /** The system has `amend`: another process can write to its store. */
  readonly amends: boolean;
}

/** What HTTP clients may rely on, on every back end. All tests share one system, which may contain other data. */
export function httpContract(
  name: string,
  start: () => Promise<HttpUnderTest>,
  features: HttpFeatures,
): void {
  describe(`${name} over HTTP`, function () {
    this.timeout(60_000);
    let system: HttpUnderTest;
    const used: UsedHttp = {
      get client() {
        return new HttpClient(system.baseUrl);
      },
      get messageMaxLength() {
        return system.messageMaxLength;
      },
      get amend() {
        return system.amend;
      },
    };
    before(async () => {
      system = await start();
    });
    after(() => system.close());

    sendContract(used);
    idempotencyContract(used);
    batchContract(used);
    waitingContract(used);
    inboxContract(used);
    streamContract(used);
    lifeContract(used, features);
    failureContract(used);
    refusalContract(used);
    alteredSendContract(used);
    listContract(used);
    pathContract(used);
  });
}
