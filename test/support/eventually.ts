const TIMEOUT_MS = 20_000;

/** Polls every few milliseconds until the condition holds; rejects with the last value otherwise. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  describe: () => string = () => 'the condition did not become true',
  timeoutMs = TIMEOUT_MS,
  intervalMs = 5,
): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !(await condition());) {
    if (Date.now() > deadline) throw new Error(`Waited ${String(timeoutMs)} ms: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
