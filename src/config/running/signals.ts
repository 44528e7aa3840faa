import type { Clock } from '../../application/ports/clock.js';

/** What of `process` is listened to. */
export interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
}

/** What `exitOnSignals` uses of `process`. */
export interface EarlyHost extends SignalSource {
  off(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  exit(code: number): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** A terminal's Ctrl-C reaches the program twice when npm stands between: once from the group, once from npm. */
const SAME_WISH_MS = 1_000;

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

/** The first signal asks to stop; one that comes more than a second later wants the end at once. */
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
    } else if (now - first > SAME_WISH_MS) {
      endNow();
    }
  };
  for (const signal of SIGNALS) source.on(signal, listener);
}
