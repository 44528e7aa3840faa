import type { Clock } from '../../application/ports/clock.js';
import type { Logger } from '../../application/ports/telemetry.js';
import { isAboutSettings } from '../settings/settings-error.js';
import { loadSettings, type Settings } from '../settings/settings.js';
import type { FatalErrors } from './fatal-errors.js';
import type { Lifecycle } from './lifecycle.js';
import { onSignals, type SignalSource } from './signals.js';
import { location, startText } from './start-text.js';

export interface Program {
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly fatalErrors: FatalErrors;
  /** The port that the program listens on. Available after the start. */
  port(): number;
}

/** The part of `process` that a run uses. */
export interface Host extends SignalSource {
  on(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  on(event: 'uncaughtException', listener: (error: Error) => void): unknown;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  exit(code: number): void;
}

/** Runs the program with settings from the environment until a signal or a fatal error ends it. */
export async function run(host: Host, build: (settings: Settings) => Program): Promise<void> {
  try {
    const settings = loadSettings(host.env);
    await runWith(settings, host, build(settings));
  } catch (error) {
    complain(host, error);
    host.exit(1);
  }
}

async function runWith(settings: Settings, host: Host, program: Program): Promise<void> {
  const { lifecycle, logger, clock, fatalErrors } = program;
  const end = async (code: number): Promise<void> => {
    const ending = await lifecycle.stop();
    logger.info('program.stopped', { ending });
    host.exit(ending === 'stopped' ? code : 1);
  };
  const onSignal = (): void => {
    logger.info('program.stopping');
    void end(0);
  };
  onSignals(host, clock, onSignal, () => {
    host.exit(1);
  });
  // Node would print the error's text, which may quote a message. Exiting at once loses no message.
  host.on('uncaughtException', (error) => {
    logger.error('program.defect', { error });
    host.exit(1);
  });
  fatalErrors.handle((error) => {
    complain(host, error);
    void end(1);
  });
  await lifecycle.start();
  if (lifecycle.isStopping) return;
  host.stdout.write(`${startText(settings, program.port())}\n`);
  const { backend, roles } = settings;
  logger.info('program.started', {
    backend: backend.kind,
    location: location(settings),
    roles,
    port: program.port(),
  });
}

/** Prints an error that the operator can fix. Its text says how, and quotes no message. */
function complain(host: Host, error: unknown): void {
  const text = error instanceof Error ? error.message : 'unknown error';
  host.stderr.write(isAboutSettings(error) ? `${text}\n` : `Postrider cannot continue: ${text}\n`);
}
