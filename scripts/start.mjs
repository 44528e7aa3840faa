// What `npm start` runs.
import { become } from './become.mjs';

await become('main.js', 0);
