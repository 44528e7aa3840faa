const PATIENCE_MS = 20_000;

/** Waits until something is so, looking every few milliseconds; rejects with what it is instead. */
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
