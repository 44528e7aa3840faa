import { httpContract } from '../../contract/http/http.contract.js';
import { startUnderContract } from '../../support/program/program-under-contract.js';

httpContract('The program on the embedded back end', () => startUnderContract({}), { amends: false });
