import type { Bench, Scenario } from '../bench.js';
import { send } from '../load/send.js';
import { filled } from '../product/filled-back-end.js';
import { FullBackEnd } from '../product/full-back-end.js';
import { usageOf } from '../processes/usage.js';
import type { MeasureKey } from '../report/measures.js';
import type { Sample } from '../report/results.js';
import type { Resources } from '../resources.js';
import { RECIPIENTS } from '../sizes.js';

/** Until the receiver is in its group. */
const JOINING_MS = 5_000;
const PATIENCE_MS = 180_000;
/** More than it can do, so that its own speed is seen. */
const RATE = 100_000;
const BATCH = 100;
const CONNECTIONS = 8;

/** Bulk replays, until every message is in its inbox, beside as many plain sends to the same recipients. */
export const replays: Scenario = {
  name: 'replays',
  repeats: 'each-round',
  run: async (bench) => {
    const each = bench.sizes.replayed;
    await bench.resources.within((own) => measureSends(bench, own, 'plainToMany', RECIPIENTS));
    await bench.resources.within((own) => measureReplay(bench, own, 'replayedOfMany', RECIPIENTS));
    await bench.resources.within((own) => measureSends(bench, own, 'plainToEach', each));
    await bench.resources.within((own) => measureReplay(bench, own, 'replayedOfEach', each));
  },
};

async function measureSends(
  bench: Bench,
  own: Resources,
  key: MeasureKey,
  recipients: number,
): Promise<void> {
  const { sizes, results } = bench;
  const backEnd = FullBackEnd.create(own, bench.servers);
  const { port, receiver } = await started(backEnd);
  const sending = { batch: BATCH, connections: CONNECTIONS, durationMs: PATIENCE_MS, recipients };
  const sample = await untilStored(backEnd, receiver, sizes.replayed, () =>
    send(bench, { port }, backEnd.sent, { ...sending, maxMessages: sizes.replayed }),
  );
  results.add(key, sample);
  await backEnd.check(results, 'Plain sends');
}

async function measureReplay(
  bench: Bench,
  own: Resources,
  key: MeasureKey,
  recipients: number,
): Promise<void> {
  const { sizes, results } = bench;
  const backEnd = await filled(bench, own, { failures: sizes.replayed, recipients });
  const { sent } = backEnd;
  // All of them were accepted once.
  sent.acknowledge(sent.reserve(sizes.replayed), new Uint8Array(sizes.replayed / 8).fill(0xff));
  const { port, receiver } = await started(backEnd);
  const sample = await untilStored(backEnd, receiver, sizes.replayed, async () => {
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

async function started(backEnd: FullBackEnd): Promise<{ readonly port: number; readonly receiver: number }> {
  const { port } = await backEnd.startApi();
  const { pid } = await backEnd.startReceiver();
  await new Promise((resolve) => setTimeout(resolve, JOINING_MS));
  return { port, receiver: pid };
}

/** The rate from the beginning until all of them are stored, and what a message costs the receiver. */
async function untilStored(
  { stored }: FullBackEnd,
  receiver: number,
  count: number,
  begin: () => Promise<unknown>,
): Promise<Sample> {
  const before = usageOf(receiver);
  const began = performance.now();
  await Promise.all([begin(), stored.untilThere(count, PATIENCE_MS)]);
  const elapsedMs = performance.now() - began;
  const after = usageOf(receiver);
  return {
    value: (count * 1_000) / elapsedMs,
    cpuMicrosPerMessage: (after.cpuMicros - before.cpuMicros) / count,
    peakMegabytes: after.peakBytes / 2 ** 20,
  };
}
