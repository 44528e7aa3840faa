import type { Ledger } from '../../../src/application/ports/ledger.js';
import { HttpClient } from '../../support/http/http-client.js';
import { alteredSendContract } from './failures/altered-sends.js';
import { batchContract } from './sending/batches.js';
import { failureContract } from './failures/failures.js';
import { idempotencyContract } from './sending/idempotency.js';
import { inboxContract } from './inbox/inboxes.js';
import { messageStatusContract } from './inbox/message-status.js';
import { listContract } from './inbox/lists.js';
import { pathContract } from './paths.js';
import { refusalContract } from './sending/refusals.js';
import { sendContract } from './sending/sending.js';
import { streamContract } from './inbox/streams.js';
import { waitingContract } from './sending/waiting.js';

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

/**
 * What HTTP clients may rely on, on every back end. All tests share one system, which may contain other data. `HttpClient`
 * compares every response with its description in docs/openapi.yaml.
 */
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
    messageStatusContract(used, features);
    failureContract(used);
    refusalContract(used);
    alteredSendContract(used);
    listContract(used);
    pathContract(used);
  });
}
