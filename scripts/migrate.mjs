// What `npm run migrate` runs.
import { become } from './become.mjs';

await become('migrate.js');
