import { follow } from './follow.js';
import type { LoadJob, LoadResult } from './job.js';
import { recipientOf } from './payload.js';
import { runLoad } from './run-load.js';

export interface FollowedLoad {
  readonly load: LoadResult;
  /** When the first message was to be sent, in milliseconds of the epoch; the others follow at the rate. */
  readonly began: number;
  /** When its recipient's live stream had each message, by its number. */
  readonly arrivals: readonly (readonly [number, number])[];
  /** When each message was acknowledged, likewise. */
  readonly acknowledgements: readonly (readonly [number, number])[];
}

const PATIENCE_MS = 10_000;
const now = (): number => performance.timeOrigin + performance.now();

/** Sends at a steady rate and follows every recipient's inbox. */
export async function sendAndFollow(job: LoadJob & { readonly rate: number }): Promise<FollowedLoad> {
  const arrivals = new Map<number, number>();
  const streams = await Promise.all(
    Array.from({ length: job.recipients }, (_, at) =>
      follow(job.port, recipientOf(at, job.recipients), (number) => arrivals.set(number, now())),
    ),
  );
  const began = now();
  const acknowledgements = new Map<number, number>();
  const load = await runLoad(job, (number, at) => acknowledgements.set(number, performance.timeOrigin + at));
  for (const deadline = now() + PATIENCE_MS; arrivals.size < load.acknowledged && now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  for (const stream of streams) stream.destroy();
  return { load, began, arrivals: [...arrivals], acknowledgements: [...acknowledgements] };
}
