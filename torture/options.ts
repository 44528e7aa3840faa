import { parseArgs } from 'node:util';

export interface TortureOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Batches go on until so many messages were acknowledged. */
  readonly messages: number;
  /** A defect of `planted` to put into the programs: the run then has to find it. */
  readonly plant?: string;
}

export const USAGE = `npm run torture -- [--seconds N] [--seed S] [--messages N] [--plant DEFECT]

  --seconds   how long faults are injected (60)
  --seed      of the schedule and the traffic (a random one)
  --messages  batches stop once so many messages were acknowledged (20,000)
  --plant     put a defect into the programs under test; the run fails unless the checker finds it
`;

/** Throws with a text for the terminal if an option is unknown or not a number. */
export function parseOptions(args: readonly string[]): TortureOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      messages: { type: 'string', default: '20000' },
      plant: { type: 'string' },
    },
  });
  const { plant } = values;
  const number = (name: 'seconds' | 'seed' | 'messages'): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 0) return value;
    throw new Error(`--${name} must be a whole number, and is ${values[name]}`);
  };
  return {
    ...{ seconds: number('seconds'), seed: number('seed'), messages: number('messages') },
    ...(plant !== undefined && { plant }),
  };
}
