import { existsSync } from 'node:fs';
import { buildProgram } from './config/container.js';
import { run } from './config/run.js';

// What stands in the environment already wins over the file.
if (existsSync('.env')) process.loadEnvFile();
await run(process, buildProgram);
