import type { Clock } from '../../application/ports/clock.js';

/** The part of `process` that signals come from. */
export interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
}

/** The part of `process` that `exitOnSignals` uses. */
export interface EarlyHost extends SignalSource {
  off(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  exit(code: number): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** Under npm a Ctrl-C arrives twice: from the terminal's process group and from npm. */
const SAME_REQUEST_MS = 1_000;

/** Exits with code 0 on the first signal, until the returned function is called. For a process with nothing to stop. */
export function exitOnSignals(host: EarlyHost): () => void {
  const exit = (): void => {
    host.exit(0);
  };
  for (const signal of SIGNALS) host.on(signal, exit);
  return () => {
    for (const signal of SIGNALS) host.off(signal, exit);
  };
}

/** Calls `stop` on the first signal, and `endNow` on a signal more than a second later. */
export function onSignals(
  source: SignalSource,
  clock: Pick<Clock, 'elapsed'>,
  stop: () => void,
  endNow: () => void,
): void {
  let first: number | undefined;
  const listener = (): void => {
    const now = clock.elapsed();
    if (first === undefined) {
      first = now;
      stop();
    } else if (now - first > SAME_REQUEST_MS) {
      endNow();
    }
  };
  for (const signal of SIGNALS) source.on(signal, listener);
}
