import { httpContract, type HttpUnderTest } from '../../../contract/http/http.contract.js';
import { HttpSystem } from '../../../support/http/http-system.js';

async function start(): Promise<HttpUnderTest> {
  const system = await new HttpSystem().start();
  return {
    ...{ baseUrl: system.baseUrl, messageMaxLength: system.messageMaxLength },
    amend: (id, change) => system.ledger.amend(id, change),
    close: () => system.close(),
  };
}

httpContract('The in-memory system', start, { amends: true });
