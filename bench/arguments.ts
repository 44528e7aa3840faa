/** What `npm run bench -- …` was asked for. */
export interface Arguments {
  readonly quick: boolean;
  /** Where the rows go as JSON. */
  readonly json?: string;
  /** Scenarios by name; all where none is named. */
  readonly only: readonly string[];
}

export const USAGE = `npm run bench -- [--quick] [--json FILE] [SCENARIO …]`;

/** Throws where something is unknown or missing. */
export function parseArguments(args: readonly string[], scenarios: readonly string[]): Arguments {
  let quick = false;
  let json: string | undefined;
  const only: string[] = [];
  for (const given = args[Symbol.iterator](), each = () => given.next(); ;) {
    const { done, value } = each();
    if (done) return { quick, only, ...(json !== undefined && { json }) };
    if (value === '--quick') quick = true;
    else if (value === '--json') json = fileAfter(each());
    else if (scenarios.includes(value)) only.push(value);
    else throw new Error(`"${value}" is no option and no scenario (${scenarios.join(', ')}).\n${USAGE}`);
  }
}

function fileAfter({ done, value }: IteratorResult<string>): string {
  if (done === true || value.startsWith('--')) throw new Error(`--json needs a file.\n${USAGE}`);
  return value;
}
