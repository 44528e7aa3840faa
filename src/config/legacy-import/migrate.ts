import { parseArgs } from 'node:util';
import type { Progress, ImportCounts } from '../../application/legacy-import/legacy-import.js';
import type { GroupStart } from '../../application/legacy-import/group-import.js';
import { DependencyUnavailable } from '../../application/errors.js';
import type { LegacyKind } from '../../application/ports/legacy.js';
import { loadSettings, SettingsError, type FullSettings, type Settings } from '../settings/settings.js';
import { isAboutSettings } from '../settings/settings-error.js';
import type { Host } from '../running/run.js';

/** The opened parts of a migration. */
export interface Migration {
  takeGroup(from: string, onWait: (group: string) => void): Promise<readonly GroupStart[]>;
  takeCollections(onProgress: (progress: Progress) => void): Promise<ImportCounts>;
  /** The names of other collections whose documents look like failed messages. */
  notTakenOver(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export type OpenMigration = (settings: Settings, backend: FullSettings) => Promise<Migration>;

type MigrationHost = Pick<Host, 'env' | 'stdout' | 'stderr' | 'exit'> & { readonly argv: readonly string[] };

const USAGE = 'Usage: migrate [--from-group NAME]';
const KINDS: Readonly<Record<LegacyKind, string>> = { messages: 'messages', failures: 'failed messages' };

/** Imports the data of the NestJS service. Exits with 0 if everything is imported, otherwise with 1. */
export async function migrate(host: MigrationHost, open: OpenMigration): Promise<void> {
  try {
    await migrateWith(host, open);
    host.exit(0);
  } catch (error) {
    host.stderr.write(`${complaint(error)}\n`);
    host.exit(1);
  }
}

async function migrateWith(host: MigrationHost, open: OpenMigration): Promise<void> {
  const say = (line: string): unknown => host.stdout.write(`${line}\n`);
  const fromGroup = groupIn(host.argv);
  const settings = settingsFor(host.env, fromGroup);
  const migration = await open(settings, fullBackend(settings));
  try {
    // Offsets first: even if Postrider is started too early, it must not deliver the imported messages again.
    if (fromGroup !== undefined) {
      const starts = await migration.takeGroup(fromGroup, (group) =>
        say(`Waiting for the members of the group ${group} to leave ...`),
      );
      for (const start of starts) say(startLine(fromGroup, start));
    }
    say(closingLine(await migration.takeCollections((progress) => say(progressLine(progress)))));
    for (const name of await migration.notTakenOver()) host.stderr.write(`${notTakenLine(name)}\n`);
  } finally {
    await migration.close();
  }
}

function groupIn(argv: readonly string[]): string | undefined {
  try {
    const { values } = parseArgs({ args: [...argv], options: { 'from-group': { type: 'string' } } });
    const group = values['from-group'];
    if (group !== '') return group;
  } catch {
    // An unknown option, or one without a value.
  }
  throw new Error(USAGE);
}

/** Reads the settings. KAFKA_BROKER is needed only with a group. */
function settingsFor(env: Host['env'], fromGroup: string | undefined): Settings {
  if (env['MONGODB_URI'] === undefined)
    throw new SettingsError('MONGODB_URI', 'is missing: it names the database to import');
  // The command prints its own progress, so a server's info lines are left out.
  const quiet = { LOG_LEVEL: 'warn', ...env };
  if (env['KAFKA_BROKER'] !== undefined) return loadSettings(quiet);
  if (fromGroup !== undefined)
    throw new SettingsError(
      'KAFKA_BROKER',
      'is missing: --from-group reads the offsets of the group from it',
    );
  return loadSettings({ ...quiet, KAFKA_BROKER: 'localhost:9092' });
}

function fullBackend({ backend }: Settings): FullSettings {
  if (backend.kind === 'full') return backend;
  throw new SettingsError('BACKEND', 'must be full: the import works inside MongoDB');
}

function startLine(from: string, { group, topic, partitions }: GroupStart): string {
  if (partitions === 0) return `${topic}: ${from} has committed no offsets, so ${group} is unchanged.`;
  return `${topic}: ${group} starts at the offsets of ${from}, in ${count(partitions, 'partition', 'partitions')}.`;
}

function progressLine({ kind, done, total }: Progress): string {
  return `${KINDS[kind]}: ${String(done)} of ${String(Math.max(done, total))}`;
}

function closingLine({ messages, failures }: ImportCounts): string {
  const stored = count(messages.stored, 'message', 'messages');
  const failed = count(messages.failed + failures.failed, 'failed message', 'failed messages');
  return `Imported: ${stored}, ${failed}; ${String(messages.known + failures.known)} had been imported before.`;
}

function notTakenLine(name: string): string {
  const what = `the collection ${name}, which has documents with reason and failedAt`;
  return `Not imported: ${what}. If they are failed messages, move them to failedmessages and run this again.`;
}

function count(n: number, one: string, many: string): string {
  return `${String(n)} ${n === 1 ? one : many}`;
}

/** The text for the operator, which says how to fix the problem. */
function complaint(error: unknown): string {
  const text = error instanceof Error ? error.message : 'unknown error';
  if (isAboutSettings(error) || text === USAGE) return text;
  const again =
    error instanceof DependencyUnavailable ? '. Run it again: it continues where it stopped.' : '';
  return `The import failed: ${text}${again}`;
}
