import { httpContract } from '../../contract/http.contract.js';
import { HttpSystem } from '../../support/http-system.js';

httpContract('The in-memory system', () => new HttpSystem().start());
