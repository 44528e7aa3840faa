import type { Telemetry } from '../../src/application/ports/telemetry.js';

const nothing = (): void => undefined;

export const silentTelemetry: Telemetry = {
  accepted: nothing,
  invalid: nothing,
  settled: nothing,
  delivered: nothing,
  retried: nothing,
  replayed: nothing,
  deadLettered: nothing,
  outage: nothing,
};
