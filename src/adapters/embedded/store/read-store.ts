import { DependencyUnavailable } from '../../../application/errors.js';

/** The result of a synchronous read, as the ports give it. */
export function readStore<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(new DependencyUnavailable('store', error));
  }
}
