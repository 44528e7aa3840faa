import { parseArgs } from 'node:util';

export interface TortureOptions {
  readonly seconds: number;
  readonly seed: number;
  /** The number of acknowledged messages to reach. Batches are paced to reach it, and then stop. */
  readonly messages: number;
  /** Ends the run when `messages` messages are acknowledged. */
  readonly endWhenAcknowledged?: boolean;
  /** A defect of `planted` to load into the programs. The run fails unless the checker finds it. */
  readonly defect?: string;
  /** Makes one run for each planted defect. */
  readonly prove?: boolean;
}

/**
 * With this seed, receivers are killed and stopped several times in the first minute, which reveals every
 * planted receiver defect.
 */
const PROVING_SEED = 2;

export const USAGE = `npm run torture -- [--seconds N] [--seed S] [--messages N | --until-acknowledged N] [--plant DEFECT | --prove]

  --seconds   how long faults are injected (60)
  --seed      the seed of the schedule and the traffic (random; 2 with --prove)
  --messages  how many messages to have acknowledged; batches are paced to reach it (20,000)
  --until-acknowledged  like --messages, and the run ends when they are acknowledged
  --plant     put a defect into the programs under test; the run fails unless the checker finds it
  --prove     make one run for each defect that can be planted
`;

/** Parses the options. Throws an error with a text for the terminal if one is unknown or invalid. */
export function parseOptions(args: readonly string[]): TortureOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string' },
      messages: { type: 'string', default: '20000' },
      'until-acknowledged': { type: 'string' },
      plant: { type: 'string' },
      prove: { type: 'boolean' },
    },
  });
  const { plant: defect } = values;
  const seed = values.prove === true ? PROVING_SEED : Math.floor(Math.random() * 1_000_000);
  const number = (name: 'seconds' | 'seed' | 'messages' | 'until-acknowledged'): number => {
    const value = Number(values[name] ?? (name === 'seed' ? seed : undefined));
    if (Number.isInteger(value) && value >= 0) return value;
    throw new Error(`--${name} must be a whole number, not ${String(values[name])}`);
  };
  const endWhenAcknowledged = values['until-acknowledged'] !== undefined;
  return {
    ...{
      seconds: number('seconds'),
      seed: number('seed'),
      messages: number(endWhenAcknowledged ? 'until-acknowledged' : 'messages'),
    },
    ...(endWhenAcknowledged && { endWhenAcknowledged }),
    ...(defect !== undefined && { defect }),
    ...(values.prove === true && { prove: true }),
  };
}
