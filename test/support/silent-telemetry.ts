import type { Telemetry } from '../../src/application/ports/telemetry.js';

const noop = (): void => undefined;

export const silentTelemetry: Telemetry = {
  accepted: noop,
  invalid: noop,
  settled: noop,
  delivered: noop,
  retried: noop,
  replayed: noop,
  misplaced: noop,
  deadLettered: noop,
  outage: noop,
};
