import type { mongo } from 'mongoose';
import { APP_NAME } from '../client/mongo-client.js';

const IDLE_MICROS = 3_000_000;

interface IdleSession {
  readonly lsid: { readonly id: mongo.Binary };
}

/**
 * Ends transactions that dead processes left open. The server itself ends them only after a minute, and until
 * then no process can write the same inboxes. A live process is never idle within a transaction for 3 s; if
 * it was merely slow, it loses to a conflict and runs its transaction again. Each process may see and end the
 * sessions of its own database user.
 */
export async function killIdleTransactions(client: mongo.MongoClient): Promise<void> {
  const admin = client.db('admin');
  const match = {
    type: 'idleSession',
    appName: APP_NAME,
    'transaction.timeInactiveMicros': { $gt: IDLE_MICROS },
  };
  const stages = [{ $currentOp: { allUsers: false, idleSessions: true } }, { $match: match }];
  // Keeps the ids as `Binary` with their subtype, as `killSessions` needs them.
  const options = { readConcern: { level: 'local' }, promoteBuffers: false } as const;
  const idle = await admin.aggregate<IdleSession>(stages, options).toArray();
  if (idle.length === 0) return;
  await admin.command({ killSessions: idle.map(({ lsid: { id } }) => ({ id })) });
}
