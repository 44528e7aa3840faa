const RETRY_INTERVAL_MS = 100;

/** Repeats an attempt until it succeeds. After the timeout, rejects with the last error. */
export async function retryUntil<T>(attempt: () => Promise<T>, timeoutMs: number): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; ;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
    }
  }
}
