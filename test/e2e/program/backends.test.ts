import { httpContract, type HttpUnderTest } from '../../contract/http/http.contract.js';
import { startedHandle } from '../../integration/mongodb/mongo-test-store.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { startUnderContract } from '../../support/program/program-under-contract.js';
import { SpawnedProgram, type ProgramEnv } from '../../support/program/spawned-program.js';

/** The system, with direct access to its database. */
async function withAmend(system: HttpUnderTest, { MONGODB_URI }: ProgramEnv): Promise<HttpUnderTest> {
  const store = await startedHandle(MONGODB_URI ?? '');
  return {
    ...system,
    amend: (id, change) => store.ledger.amend(id, change),
    close: async () => {
      await store.close();
      await system.close();
    },
  };
}

async function oneProcess(): Promise<HttpUnderTest> {
  const env = await fullBackend();
  return withAmend(await startUnderContract(env), env);
}

async function apiAndReceiver(): Promise<HttpUnderTest> {
  const env = await fullBackend();
  const receiver = await SpawnedProgram.start({ ...env, ROLES: 'receiver', LOG_LEVEL: 'warn' });
  const api = await startUnderContract({ ...env, ROLES: 'api' });
  const close = async (): Promise<void> => {
    await api.close();
    await receiver.stop();
  };
  return withAmend({ ...api, close }, env);
}

httpContract('The program on the full back end', oneProcess, { amends: true });
httpContract('An api and a receiver on the full back end', apiAndReceiver, { amends: true });
