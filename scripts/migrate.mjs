// Runs `npm run migrate`.
import { runBuilt } from './run-built.mjs';

await runBuilt('migrate.js');
