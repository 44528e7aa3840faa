import { mongo } from 'mongoose';
import type { AlertOutbox } from '../../../application/ports/alerts.js';
import { NO_ALERTS, type AlertState } from '../../../domain/alerts/alert.js';
import { ALERT_STATE, type AlertDocument } from '../schema/documents.js';
import type { MongoConnection } from '../connection/mongo-connection.js';

const DUPLICATE_KEY = 11_000;

/**
 * Stores the state in one document. A change replaces the revision that it read. If another change came
 * first, it is applied again to the new revision.
 */
export class MongoAlertOutbox implements AlertOutbox {
  constructor(private readonly connection: MongoConnection) {}

  change(change: (state: AlertState) => AlertState | undefined): Promise<AlertState | undefined> {
    return this.connection.use('writes', async ({ alerts }) => {
      for (;;) {
        const found = await alerts.findOne({ _id: ALERT_STATE });
        const changed = change(found ? toState(found) : NO_ALERTS);
        // If this fails, another change has succeeded, so the changes as a whole make progress.
        if (changed === undefined || (await replace(alerts, changed, found?.revision))) return changed;
      }
    });
  }
}

async function replace(
  alerts: mongo.Collection<AlertDocument>,
  state: AlertState,
  revision: number | undefined,
): Promise<boolean> {
  if (revision !== undefined) {
    const next = { ...state, revision: revision + 1 };
    const { matchedCount } = await alerts.replaceOne({ _id: ALERT_STATE, revision }, next);
    return matchedCount > 0;
  }
  try {
    await alerts.insertOne({ ...state, _id: ALERT_STATE, revision: 0 });
    return true;
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY) return false;
    throw error;
  }
}

function toState({ _id, revision: _revision, ...state }: AlertDocument): AlertState {
  return state;
}
