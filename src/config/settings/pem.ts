import { readFileSync } from 'node:fs';
import { SettingsError } from './environment.js';

/** Reads a text file; throws where it can't. */
export type ReadText = (path: string) => string;

const readFile: ReadText = (path) => readFileSync(path, 'utf8');

/** Certificates and keys come as the PEM text itself, with real or written-out line breaks, or as the path of a file. */
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
