import { httpContract } from '../contract/http.contract.js';
import { fullBackend } from '../support/full-backend.js';
import { startUnderContract } from '../support/program-under-contract.js';
import { SpawnedProgram } from '../support/spawned-program.js';

httpContract('The program on the full back end', async () => startUnderContract(await fullBackend()));

httpContract('An api and a receiver on the full back end', async () => {
  const env = await fullBackend();
  const receiver = await SpawnedProgram.start({ ...env, ROLES: 'receiver', LOG_LEVEL: 'warn' });
  const api = await startUnderContract({ ...env, ROLES: 'api' });
  return {
    ...api,
    close: async () => {
      await api.close();
      await receiver.stop();
    },
  };
});
