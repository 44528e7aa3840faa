import type { mongo } from 'mongoose';
import { APP_NAME } from '../client/mongo-client.js';

const IDLE_MICROS = 3_000_000;

interface IdleSession {
  readonly lsid: { readonly id: mongo.Binary };
}

/**
 * Ends the transactions of processes that died in the middle of one. The server itself lets go of them only after a
 * minute, and until then nobody else can write those inboxes. A living process is never idle for so long within a
 * transaction; one that was merely slow falls to a conflict, and decides again. Everyone may see and end what the
 * same database user does.
 */
export async function killLeftByOthers(client: mongo.MongoClient): Promise<void> {
  const admin = client.db('admin');
  const match = {
    type: 'idleSession',
    appName: APP_NAME,
    'transaction.timeInactiveMicros': { $gt: IDLE_MICROS },
  };
  const stages = [{ $currentOp: { allUsers: false, idleSessions: true } }, { $match: match }];
  // A session's id goes back as the kind of bytes that it is.
  const options = { readConcern: { level: 'local' }, promoteBuffers: false } as const;
  const idle = await admin.aggregate<IdleSession>(stages, options).toArray();
  if (idle.length === 0) return;
  await admin.command({ killSessions: idle.map(({ lsid: { id } }) => ({ id })) });
}
