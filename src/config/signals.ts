import type { Clock } from '../application/ports/clock.js';

/** What of `process` is listened to. */
export interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
}

/** A terminal's Ctrl-C reaches the program twice when npm stands between: once from the group, once from npm. */
const SAME_WISH_MS = 1_000;

/** The first signal asks to stop; one that comes more than a second later wants the end at once. */
export function onSignals(source: SignalSource, clock: Clock, stop: () => void, endNow: () => void): void {
  let first: number | undefined;
  const listener = (): void => {
    const now = clock.now();
    if (first === undefined) {
      first = now;
      stop();
    } else if (now - first > SAME_WISH_MS) {
      endNow();
    }
  };
  source.on('SIGTERM', listener);
  source.on('SIGINT', listener);
}
