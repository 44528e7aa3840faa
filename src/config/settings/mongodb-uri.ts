import { isConnectionString } from '../../adapters/mongodb/client/mongo-client.js';
import { givenValue } from './given-value.js';
import { SettingsError } from './settings-error.js';

/** The only value of each option that does not weaken the delivery guarantee. Keys in lower case. */
const REQUIRED: Readonly<Record<string, string>> = {
  readconcernlevel: 'majority',
  journal: 'true',
  j: 'true',
};

/**
 * Throws `SettingsError` if the driver rejects the URI, or if it sets an option that weakens reads or writes. The driver
 * lets `readConcernLevel`, `journal` and `j` of a URI override what the program passes; `w`, `wtimeoutMS` and
 * `readPreference` do not override it.
 */
export function checkMongoUri(uri: string): void {
  for (const [name, value] of new URLSearchParams(uri.split('?').slice(1).join('?'))) {
    const required = REQUIRED[name.toLowerCase()];
    if (required !== undefined && value.toLowerCase() !== required)
      throw new SettingsError(
        'MONGODB_URI',
        `must not weaken reads or writes: ${name} may only be ${required}, not "${value}"`,
      );
  }
  if (!isConnectionString(uri)) {
    const problem = 'is no connection string that MongoDB understands';
    throw new SettingsError('MONGODB_URI', `${problem}: ${String(givenValue('MONGODB_URI', uri))}`);
  }
}
