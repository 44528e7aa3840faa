import { readFileSync } from 'node:fs';
import { SettingsError } from './environment.js';

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
  if (!text.includes('-----BEGIN'))
    throw new SettingsError(variable, `names a file that is not PEM: ${value}`);
  return text;
}

function readOr(variable: string, path: string, readText: ReadText): string {
  try {
    return readText(path);
  } catch {
    throw new SettingsError(variable, `names a file that cannot be read: ${path}`);
  }
}
