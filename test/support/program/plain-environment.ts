/**
 * Returns our environment without the variables that npm added for the tests, and without those that would
 * change an installation.
 */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = /^npm_config_(cache|registry|userconfig)$/;
  const names = Object.keys(process.env).filter((name) => !/^(npm_|NODE_)/i.test(name) || kept.test(name));
  const env = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  // The installation that the tests run from has filled npm's cache.
  return { ...env, npm_config_prefer_offline: 'true' };
}
