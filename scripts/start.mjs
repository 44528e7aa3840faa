// Runs `npm start`.
import { become } from './become.mjs';

await become('main.js', 0);
