import { existsSync } from 'node:fs';
import { migrate } from './config/legacy-import/migrate.js';
import { openMigration } from './config/legacy-import/open-migration.js';

// What stands in the environment already wins over the file.
if (existsSync('.env')) process.loadEnvFile();
const { env, stdout, stderr } = process;
const exit = (code: number): void => process.exit(code);
await migrate({ env, stdout, stderr, exit, argv: process.argv.slice(2) }, openMigration);
