import type { Scenario } from '../bench.js';
import { send } from '../load/send.js';
import { FullBackEnd } from '../product/full-back-end.js';
import { usageOf } from '../processes/usage.js';
import { median } from '../report/statistics.js';

const STEP = 10_000;
const STEP_MS = 60_000;
/**
 * Steps before and after a moment whose median is its memory. A single value depends on the last garbage collection.
 */
const WINDOW = 3;

/** Measures whether memory grows with the number of messages. */
export const soak: Scenario = {
  name: 'soak',
  repeats: 'once',
  isPartOf: ({ soak: size }) => size !== undefined,
  run: (bench) =>
    bench.resources.within(async (own) => {
      const { early, total } = bench.sizes.soak ?? { early: 0, total: 0 };
      const backEnd = FullBackEnd.create(own, bench.servers);
      const { sent, stored } = backEnd;
      const api = await backEnd.startApi();
      const receiver = await backEnd.startReceiver();
      const resident = { api: [] as number[], receiver: [] as number[] };
      const sampleMemory = (): void => {
        resident.api.push(usageOf(api.pid).residentBytes / 2 ** 20);
        resident.receiver.push(usageOf(receiver.pid).residentBytes / 2 ** 20);
      };
      while (sent.acknowledged < total) {
        const before = sent.acknowledged;
        await send(bench, api, sent, { durationMs: STEP_MS, maxMessages: STEP });
        if (sent.acknowledged === before) throw new Error('The soak accepts nothing any more.');
        // Delivery must stay close behind, so that one count describes both.
        await stored.untilThere(sent.acknowledged - STEP, STEP_MS);
        sampleMemory();
      }
      const around = (values: number[], step: number): number =>
        median(values.slice(Math.max(0, step - WINDOW), step + WINDOW));
      const at = { early: early / STEP, end: resident.api.length - WINDOW };
      bench.results.add('soakApiEarly', { value: around(resident.api, at.early) });
      bench.results.add('soakApi', { value: around(resident.api, at.end) });
      bench.results.add('soakReceiverEarly', { value: around(resident.receiver, at.early) });
      bench.results.add('soakReceiver', { value: around(resident.receiver, at.end) });
      await backEnd.check(bench.results, 'Soak');
    }),
};
