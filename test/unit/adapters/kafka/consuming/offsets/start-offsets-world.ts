import type { Admin } from 'kafkajs';
import { metadataOf } from '../../../../../../src/adapters/kafka/consuming/offsets/group-offset.js';
import {
  StartOffsets,
  type LostRecords,
  type Position,
  type AssignmentProgress,
} from '../../../../../../src/adapters/kafka/consuming/offsets/start-offsets.js';
import { InMemoryConsumerPositions } from '../../../../../support/memory/in-memory-consumer-positions.js';
import { DependencyUnavailable } from '../../../../../../src/application/errors.js';
import type { ConsumerPositions } from '../../../../../../src/application/ports/ledger.js';
import type { ConsumerPosition } from '../../../../../../src/domain/delivery/consumer-position.js';
import { RecordingLogger } from '../../../../../support/recording-logger.js';

export interface Known {
  /** −1: the group has never committed, or Kafka has forgotten it. */
  readonly committed: number;
  /** By default, as the program writes it. */
  readonly metadata?: string | null;
  /** The position in the ledger; by default the same as in Kafka, with `none` there is none. */
  readonly kept?: ConsumerPosition | 'none';
  readonly low: number;
  readonly high: number;
}

export const atFirst: AssignmentProgress = { reached: undefined, isSuspected: false, isCut: false };

/** A broker and a ledger that know partition 0 of a group. */
export class PositionsWorld {
  readonly lost: LostRecords[] = [];
  readonly logger = new RecordingLogger();
  /** Calls in order. */
  readonly asked: string[] = [];
  /** The call to the ledger that fails. */
  failing: 'ledger' | 'reset' | undefined;
  readonly ledger: ConsumerPositions;
  private readonly kept: InMemoryConsumerPositions;

  constructor(isLedgerEmpty = false) {
    this.kept = new InMemoryConsumerPositions(() => isLedgerEmpty);
    const note = (what: string) => {
      this.asked.push(what);
      if (this.failing === what) throw new DependencyUnavailable('store', new Error('down'));
    };
    this.ledger = {
      of: async (...of) => {
        note('ledger');
        return this.kept.of(...of);
      },
      advance: async (rows) => {
        note('advance');
        return this.kept.advance(rows);
      },
      reset: async (rows) => {
        note('reset');
        return this.kept.reset(rows);
      },
    };
  }

  positions(
    { committed, metadata = metadataOf({ lost: 0 }), kept = { next: committed, lost: 0 }, low, high }: Known,
    acknowledgeLost = false,
  ): StartOffsets {
    const isKept = kept !== 'none' && kept.next >= 0;
    if (isKept) void this.kept.reset([{ group: 'receiver', topic: 'mail', partition: 0, position: kept }]);
    const { ledger, logger, lost } = this;
    const admin = this.admin(committed, metadata, low, high);
    return new StartOffsets('receiver', 'mail', {
      ask: (work) => work(admin),
      onLostRecords: (records) => lost.push(records),
      ...{ ledger, logger, acknowledgeLost },
    });
  }

  async find(from: StartOffsets, progress = atFirst): Promise<Position | 'seems-cut' | undefined> {
    return (await from.find(new Map([[0, progress]]))).get(0);
  }

  /** The current position in the ledger. */
  async saved(): Promise<ConsumerPosition | undefined> {
    return (await this.kept.of('receiver', 'mail')).positions.get(0);
  }

  private admin(committed: number, metadata: string | null, low: number, high: number): Admin {
    const partitions = [{ partition: 0, offset: String(committed), metadata }];
    return {
      fetchOffsets: async () => {
        this.asked.push('offsets');
        await new Promise(setImmediate);
        this.asked.push('offsets answered');
        return [{ topic: 'mail', partitions }];
      },
      fetchTopicOffsets: () => {
        this.asked.push('ends');
        return Promise.resolve([{ partition: 0, low: String(low), high: String(high) }]);
      },
    } as unknown as Admin;
  }
}
