import { DependencyUnavailable } from '../../../application/errors.js';

/**
 * Runs a synchronous read and returns a promise, as the ports require. Rejects with `DependencyUnavailable` if it
 * throws.
 */
export function readStore<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(new DependencyUnavailable('store', error));
  }
}
