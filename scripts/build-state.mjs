import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Reports whether the build is missing or older than its sources. Compares the times of folders too, so that
 * it detects a deleted source.
 * @param {string} root the folder that package.json is in
 * @returns {boolean}
 */
export function isBuildStale(root) {
  const built = join(root, 'dist', 'main.js');
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  return sources(root).some((path) => statSync(path).mtimeMs > builtAt);
}

/** @param {string} root */
function sources(root) {
  const src = join(root, 'src');
  const inSrc = readdirSync(src, { recursive: true }).map((path) => join(src, String(path)));
  const settings = readdirSync(root).filter((name) => /^(package|tsconfig.*)\.json$/.test(name));
  return [src, ...inSrc, ...settings.map((name) => join(root, name))];
}
