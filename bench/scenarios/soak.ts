import type { Scenario } from '../bench.js';
import { send } from '../load/send.js';
import { FullBackEnd } from '../product/full-back-end.js';
import { usageOf } from '../processes/usage.js';
import { median } from '../report/statistics.js';

const MESSAGES_PER_STEP = 10_000;
const STEP_TIMEOUT_MS = 60_000;
/**
 * The number of steps before and after a step whose median is taken as its memory. A single value depends on
 * the last garbage collection.
 */
const WINDOW_STEPS = 3;

/** Measures whether memory grows with the number of messages. */
export const soak: Scenario = {
  name: 'soak',
  repeats: 'once',
  isPartOf: ({ soak: size }) => size !== undefined,
  run: (bench) =>
    bench.resources.within(async (resources) => {
      const { early, total } = bench.sizes.soak ?? { early: 0, total: 0 };
      const backEnd = FullBackEnd.create(resources, bench.servers);
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
        await send(bench, api, sent, { durationMs: STEP_TIMEOUT_MS, maxMessages: MESSAGES_PER_STEP });
        if (sent.acknowledged === before)
          throw new Error('The api process accepted no message in this step.');
        // Delivery must keep up, so that the number of accepted messages also describes the receiver.
        await stored.waitForCount(sent.acknowledged - MESSAGES_PER_STEP, STEP_TIMEOUT_MS);
        sampleMemory();
      }
      const medianAround = (values: number[], step: number): number =>
        median(values.slice(Math.max(0, step - WINDOW_STEPS), step + WINDOW_STEPS));
      const steps = { early: early / MESSAGES_PER_STEP, end: resident.api.length - WINDOW_STEPS };
      bench.results.add('soakApiEarly', { value: medianAround(resident.api, steps.early) });
      bench.results.add('soakApi', { value: medianAround(resident.api, steps.end) });
      bench.results.add('soakReceiverEarly', { value: medianAround(resident.receiver, steps.early) });
      bench.results.add('soakReceiver', { value: medianAround(resident.receiver, steps.end) });
      await backEnd.check(bench.results, 'Soak');
    }),
};
