/** The tasks of a worker process. Inputs and outputs are plain data. */
export type Tasks = Readonly<Record<string, (input: never) => unknown>>;

export interface Call {
  readonly id: number;
  readonly task: string;
  readonly input: unknown;
}

export type Reply = { readonly id: number } & ({ readonly output: unknown } | { readonly error: string });

/** The worker's side: runs tasks, several at once, until its parent exits. */
export function serve(tasks: Tasks): void {
  process.on('message', (call: Call) => void runTask(tasks, call));
  process.once('disconnect', () => process.exit(0));
  // Ctrl-C sends SIGINT to the whole process group. Workers ignore it; the parent ends them when it no longer
  // needs them.
  process.on('SIGINT', () => undefined);
}

async function runTask(tasks: Tasks, { id, task, input }: Call): Promise<void> {
  let reply: Reply;
  try {
    const run = tasks[task];
    if (run === undefined) throw new Error(`There is no task ${task}.`);
    // The parent's types ensure that the input fits the task.
    reply = { id, output: await run(input as never) };
  } catch (error) {
    reply = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.(reply);
}
