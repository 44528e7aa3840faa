import { readFileSync } from 'node:fs';
import { givenValue } from './given-value.js';
import { SettingsError } from './settings-error.js';

/** Reads a text file. Throws if it cannot be read. */
export type ReadText = (path: string) => string;

const readFile: ReadText = (path) => readFileSync(path, 'utf8');

/** Reads a certificate or key, given as PEM text (with line breaks or with `\n`) or as the path of a PEM file. */
export function readPem(
  variable: string,
  value: string | undefined,
  readText = readFile,
): string | undefined {
  if (value === undefined) return undefined;
  if (value.startsWith('-----BEGIN')) return value.replaceAll('\\n', '\n');
  const text = readOr(variable, value, readText);
  if (!text.includes('-----BEGIN')) throw wrongFile(variable, value, 'is not PEM');
  return text;
}

function readOr(variable: string, path: string, readText: ReadText): string {
  try {
    return readText(path);
  } catch {
    throw wrongFile(variable, path, 'cannot be read');
  }
}

function wrongFile(variable: string, path: string, problem: string): SettingsError {
  const shown = givenValue(variable, path);
  // A value that is not shown is probably no path.
  if (shown === undefined)
    return new SettingsError(variable, 'is neither PEM text nor the path of a PEM file');
  return new SettingsError(variable, `names a file that ${problem}: ${shown}`);
}
