import { follow } from './follow.js';
import type { LoadJob, LoadResult } from './job.js';
import { recipientOf } from './payload.js';
import { runLoad } from './run-load.js';

export interface FollowedLoad {
  readonly load: LoadResult;
  /** The due time of the first message, in milliseconds since the epoch. The others follow at the job's rate. */
  readonly startedAt: number;
  /** The number of each message and the time at which its recipient's live stream received it. */
  readonly arrivals: readonly (readonly [number, number])[];
  /** The number of each message and the time of its acknowledgement. */
  readonly acknowledgements: readonly (readonly [number, number])[];
}

const TIMEOUT_MS = 10_000;
const now = (): number => performance.timeOrigin + performance.now();

/** Sends at a steady rate while following every recipient's inbox. */
export async function sendAndFollow(job: LoadJob & { readonly rate: number }): Promise<FollowedLoad> {
  const arrivals = new Map<number, number>();
  const streams = await Promise.all(
    Array.from({ length: job.recipients }, (_, at) =>
      follow(job.port, recipientOf(at, job.recipients), (number) => arrivals.set(number, now())),
    ),
  );
  const startedAt = now();
  const acknowledgements = new Map<number, number>();
  const load = await runLoad(job, (number, at) => acknowledgements.set(number, performance.timeOrigin + at));
  for (const deadline = now() + TIMEOUT_MS; arrivals.size < load.acknowledged && now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  for (const stream of streams) stream.destroy();
  return { load, startedAt, arrivals: [...arrivals], acknowledgements: [...acknowledgements] };
}
