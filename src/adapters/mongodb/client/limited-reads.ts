import { mongo } from 'mongoose';
import { QueryTooSlow } from '../../../application/errors.js';

/** The option for pages and single reads. Lists without a limit, counts and sweeps may take as long as they need. */
export const LIMITED = { maxTimeMS: 5_000 } as const;
const MAX_TIME_EXPIRED = 50;

/**
 * Waits for a read with the option `LIMITED`. Rejects with `QueryTooSlow`, which is not an outage, if the
 * server aborts it.
 */
export async function limited<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    throw limitError(error);
  }
}

/** Does the same for a query whose rows are read one by one. */
export async function* limitedRows<T>(rows: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* rows;
  } catch (error) {
    throw limitError(error);
  }
}

function limitError(error: unknown): unknown {
  const isExpired = error instanceof mongo.MongoServerError && error.code === MAX_TIME_EXPIRED;
  return isExpired ? new QueryTooSlow(error) : error;
}
