// Runs `npm run migrate`.
import { become } from './become.mjs';

await become('migrate.js');
