import type { mongo } from 'mongoose';
import type { Clock } from '../../../application/ports/clock.js';
import type { Ledger } from '../../../application/ports/ledger.js';
import type { FailedMessage } from '../../../domain/failures/failed-message.js';
import type { Known } from '../../../domain/delivery/fate.js';
import type { Identities } from '../../../domain/identity.js';
import type { MessageId } from '../../../domain/message.js';
import { idOf, inboxOf, MoreIdsNeeded, settle } from '../../../domain/delivery/settlement.js';
import type { Entry, LedgerView, Outcome, Settlement } from '../../../domain/delivery/settlement.js';
import { documentId, toKnown } from '../schema/documents.js';
import type { MongoConnection } from '../connection/mongo-connection.js';
import type { MongoStore } from '../connection/mongo-store.js';
import { mayBeNew, OptimisticReads } from './optimistic-reads.js';
import { probeWrites } from '../connection/probe.js';
import { writeAmendments, writeSettlement } from './settlement-writes.js';
import { KeyedMutex } from './keyed-mutex.js';

interface InTransaction extends MongoStore {
  readonly session: mongo.ClientSession;
}

/**
 * Stores the ledger in two collections. Each settlement is one transaction that reads the ids and their
 * inboxes, or assumes what it would find, decides, and writes. It always writes the documents of its inboxes
 * and of the failures that it changes; an act writes only the document of its failure. A transaction that
 * loses to a conflict starts again.
 */
export class MongoLedger implements Ledger {
  private readonly mutex = new KeyedMutex();

  constructor(
    private readonly connection: MongoConnection,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly identities: Identities,
    private readonly optimisticReads = new OptimisticReads(),
  ) {}

  settle(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    return this.mutex.run(entries.map(inboxOf), () => this.settleExclusively(entries));
  }

  probe(): Promise<void> {
    return this.connection.use('writes', probeWrites);
  }

  amend(
    id: MessageId,
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<FailedMessage | undefined> {
    return this.amendAll([id], change).then(([changed]) => changed);
  }

  amendAll(
    ids: readonly MessageId[],
    change: (failure: FailedMessage) => FailedMessage | undefined,
  ): Promise<readonly (FailedMessage | undefined)[]> {
    return this.transaction(async (at) => {
      const known = await readKnown(at, ids);
      const amendments = ids.map((id) => {
        const before = known.get(id)?.failure;
        const after = before && change(before);
        return after && { before, after };
      });
      await writeAmendments(
        at,
        at.session,
        amendments.filter((amendment) => amendment !== undefined),
      );
      return amendments.map((amendment) => amendment?.after);
    });
  }

  private async settleExclusively(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    const areNew = this.optimisticReads.areNew(entries);
    let isFirst = true;
    const { settlement, metKnown } = await this.transaction((at) => {
      const optimistic = { ids: isFirst && areNew, inboxes: isFirst };
      // After a conflict everything is read, because an assumption may have been wrong.
      isFirst = false;
      return this.settleIn(at, entries, optimistic);
    });
    this.optimisticReads.learn(settlement, metKnown);
    return settlement.outcomes;
  }

  /**
   * Settles within a transaction. Assumes what `optimistic` names (ids are unknown, inboxes end where this process
   * left them) and reads the rest.
   */
  private async settleIn(
    at: InTransaction,
    entries: readonly Entry[],
    optimistic: { readonly ids: boolean; readonly inboxes: boolean },
  ): Promise<{ readonly settlement: Settlement; readonly metKnown: boolean }> {
    const ids = entries.map(idOf);
    const inboxes = [...new Set(entries.map(inboxOf))];
    const known = optimistic.ids ? unknown(ids) : await readKnown(at, ids);
    const metKnown = entries.some((entry) => mayBeNew(entry) && known.get(idOf(entry)) !== undefined);
    const assumedLastNumbers = optimistic.inboxes
      ? this.optimisticReads.lastNumbersOf(inboxes)
      : new Map<string, number>();
    const unread = inboxes.filter((name) => !assumedLastNumbers.has(name));
    const lastNumbers = new Map([...assumedLastNumbers, ...(await readLastNumbers(at, unread))]);
    const view = { known, lastNumbers, assumedLastNumbers, now: this.clock.now() };
    const settlement = await this.decide(at, entries, view);
    await writeSettlement(at, at.session, settlement, view);
    return { settlement, metKnown };
  }

  private async decide(
    at: InTransaction,
    entries: readonly Entry[],
    view: LedgerView & { readonly known: Map<MessageId, Known | undefined> },
  ): Promise<Settlement> {
    for (;;) {
      const settlement = settle(entries, view, this.identities);
      if (!(settlement instanceof MoreIdsNeeded)) return settlement;
      for (const [id, more] of await readKnown(at, settlement.ids)) view.known.set(id, more);
    }
  }

  private transaction<T>(work: (at: InTransaction) => Promise<T>): Promise<T> {
    return this.connection.use('writes', (store) =>
      store.transactions.run((session) => work({ ...store, session })),
    );
  }
}

function unknown(ids: readonly MessageId[]): Map<MessageId, Known | undefined> {
  return new Map(ids.map((id) => [id, undefined]));
}

async function readKnown(
  { messages, session }: InTransaction,
  ids: readonly MessageId[],
): Promise<Map<MessageId, Known | undefined>> {
  const known = unknown(ids);
  const _id = { $in: [...known.keys()].map(documentId) };
  const projection = { content: 1, number: 1, failure: 1 };
  for (const found of await messages.find({ _id }, { projection, session }).toArray()) {
    known.set(found._id.toString(), toKnown(found));
  }
  return known;
}

async function readLastNumbers(
  { inboxes, session }: InTransaction,
  names: readonly string[],
): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const found = await inboxes.find({ _id: { $in: [...names] } }, { session }).toArray();
  return new Map(found.map(({ _id: name, last = 0 }) => [name, last]));
}
