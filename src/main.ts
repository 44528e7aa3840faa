import { existsSync } from 'node:fs';
import { exitOnSignals } from './config/running/signals.js';

// Loading the program takes up to a second, in which a signal would kill the process with an error code.
const release = exitOnSignals(process);
const { run } = await import('./config/running/run.js');
const { buildProgram } = await import('./config/wiring/container.js');
// What stands in the environment already wins over the file.
if (existsSync('.env')) process.loadEnvFile();
const running = run(process, buildProgram);
// By now the program listens for signals itself.
release();
await running;
