import type { IncomingMessage } from 'node:http';
import { unidentified } from '../../../domain/access/decision.js';
import { ANYONE, isPrincipal, type Caller, type Principal } from '../../../domain/access/principal.js';
import { accessDenied } from './access-denied.js';

/** Finds the caller of a request by its credential. Returns a promise only if that needs a look-up. */
export type Identify = (request: IncomingMessage) => Caller | Promise<Caller>;

/** Without access control, every caller may do everything. */
export const identifyAnyone: Identify = () => ANYONE;

/** Throws the 401 of a caller without a valid credential. */
export function principalOf(caller: Caller): Principal {
  if (isPrincipal(caller)) return caller;
  throw accessDenied(unidentified(caller));
}
