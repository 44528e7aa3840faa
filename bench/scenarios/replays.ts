import type { Bench, Scenario } from '../bench.js';
import { send } from '../load/send.js';
import { filledBackEnd } from '../product/filled-back-end.js';
import { FullBackEnd } from '../product/full-back-end.js';
import { usageOf } from '../processes/usage.js';
import type { MeasureKey } from '../report/measures.js';
import type { Sample } from '../report/results.js';
import type { Resources } from '../resources.js';
import { RECIPIENTS } from '../sizes.js';

/** How long the receiver may take to join its group. */
const GROUP_JOIN_MS = 5_000;
const TIMEOUT_MS = 180_000;
/** Higher than the achievable rate, so that the requested rate does not limit it. */
const RATE = 100_000;
const BATCH = 100;
const CONNECTIONS = 8;

/**
 * Measures bulk replays until every message is in its inbox, and as many plain sends to the same recipients
 * for comparison.
 */
export const replays: Scenario = {
  name: 'replays',
  repeats: 'each-round',
  run: async (bench) => {
    const recipientCount = bench.sizes.replayedMessages;
    await bench.resources.within((resources) => measureSends(bench, resources, 'plainToMany', RECIPIENTS));
    await bench.resources.within((resources) =>
      measureReplay(bench, resources, 'replayedToMany', RECIPIENTS),
    );
    await bench.resources.within((resources) =>
      measureSends(bench, resources, 'plainToEach', recipientCount),
    );
    await bench.resources.within((resources) =>
      measureReplay(bench, resources, 'replayedToEach', recipientCount),
    );
  },
};

async function measureSends(
  bench: Bench,
  resources: Resources,
  key: MeasureKey,
  recipients: number,
): Promise<void> {
  const { sizes, results } = bench;
  const backEnd = FullBackEnd.create(resources, bench.servers);
  const { port, receiver } = await startPrograms(backEnd);
  const sending = { batch: BATCH, connections: CONNECTIONS, durationMs: TIMEOUT_MS, recipients };
  const sample = await measureUntilStored(backEnd, receiver, sizes.replayedMessages, () =>
    send(bench, { port }, backEnd.sent, { ...sending, maxMessages: sizes.replayedMessages }),
  );
  results.add(key, sample);
  await backEnd.check(results, 'Plain sends');
}

async function measureReplay(
  bench: Bench,
  resources: Resources,
  key: MeasureKey,
  recipients: number,
): Promise<void> {
  const { sizes, results } = bench;
  const backEnd = await filledBackEnd(bench, resources, { failures: sizes.replayedMessages, recipients });
  const { sent } = backEnd;
  // All of these messages were accepted before.
  sent.acknowledge(
    sent.reserve(sizes.replayedMessages),
    new Uint8Array(sizes.replayedMessages / 8).fill(0xff),
  );
  const { port, receiver } = await startPrograms(backEnd);
  const sample = await measureUntilStored(backEnd, receiver, sizes.replayedMessages, async () => {
    const response = await fetch(`http://127.0.0.1:${port}/replays`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ filter: {}, all: true, rate: RATE }),
    });
    if (response.status !== 202) throw new Error(`POST /replays answered ${response.status}.`);
  });
  results.add(key, sample);
  await backEnd.check(results, 'Bulk replay');
}

async function startPrograms(
  backEnd: FullBackEnd,
): Promise<{ readonly port: number; readonly receiver: number }> {
  const { port } = await backEnd.startApi();
  const { pid } = await backEnd.startReceiver();
  await new Promise((resolve) => setTimeout(resolve, GROUP_JOIN_MS));
  return { port, receiver: pid };
}

/** Measures the rate from the beginning until all of them are stored, and the receiver's CPU per message. */
async function measureUntilStored(
  { stored }: FullBackEnd,
  receiver: number,
  count: number,
  start: () => Promise<unknown>,
): Promise<Sample> {
  const before = usageOf(receiver);
  const startedAt = performance.now();
  await Promise.all([start(), stored.waitForCount(count, TIMEOUT_MS)]);
  const elapsedMs = performance.now() - startedAt;
  const after = usageOf(receiver);
  return {
    value: (count * 1_000) / elapsedMs,
    cpuMicrosPerMessage: (after.cpuMicros - before.cpuMicros) / count,
    peakMegabytes: after.peakBytes / 2 ** 20,
  };
}
