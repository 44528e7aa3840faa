const PATIENCE_MS = 20_000;

/** Polls every few milliseconds until the condition holds; rejects with the last value otherwise. */
export async function eventually(
  isSo: () => boolean | Promise<boolean>,
  otherwise: () => string = () => 'it did not happen',
  patienceMs = PATIENCE_MS,
  everyMs = 5,
): Promise<void> {
  for (const deadline = Date.now() + patienceMs; !(await isSo());) {
    if (Date.now() > deadline) throw new Error(`Waited ${String(patienceMs)} ms: ${otherwise()}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
