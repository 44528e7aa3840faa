const PRELOAD = `
  import { writeSync } from 'node:fs';
  process.on('newListener', (event) => {
    if (event === 'SIGTERM') writeSync(2, 'listens for signals: ' + process.argv[1] + '\\n');
  });
`;

/** Makes Node programs write `listens for signals: SCRIPT` to standard error before their first SIGTERM listener. */
export const SIGNAL_MARKER = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PRELOAD)}`,
} as const;
