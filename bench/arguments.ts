/** The arguments of `npm run bench -- …`. */
export interface Arguments {
  readonly quick: boolean;
  /** The file to write the rows to, as JSON. */
  readonly json?: string;
  /** The scenarios to run, by name. Empty for all. */
  readonly only: readonly string[];
}

export const USAGE = `npm run bench -- [--quick] [--json FILE] [SCENARIO …]`;

/** Parses the arguments. Throws if one is unknown or lacks its value. */
export function parseArguments(args: readonly string[], scenarios: readonly string[]): Arguments {
  let quick = false;
  let json: string | undefined;
  const only: string[] = [];
  for (const remaining = args[Symbol.iterator](), next = () => remaining.next(); ;) {
    const { done, value } = next();
    if (done) return { quick, only, ...(json !== undefined && { json }) };
    if (value === '--quick') quick = true;
    else if (value === '--json') json = fileAfter(next());
    else if (scenarios.includes(value)) only.push(value);
    else
      throw new Error(`"${value}" is neither an option nor a scenario (${scenarios.join(', ')}).\n${USAGE}`);
  }
}

function fileAfter({ done, value }: IteratorResult<string>): string {
  if (done === true || value.startsWith('--')) throw new Error(`--json needs a file.\n${USAGE}`);
  return value;
}
