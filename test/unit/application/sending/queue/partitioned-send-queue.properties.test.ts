import { expect } from 'chai';
import fc from 'fast-check';
import { SendFailed } from '../../../../../src/application/errors.js';
import { PartitionedSendQueue } from '../../../../../src/application/sending/queue/partitioned-send-queue.js';
import type { NewRecord } from '../../../../../src/application/ports/record-log.js';
import { FailingPartitions, type Mode } from '../../../../support/sending/failing-partitions.js';
import { FakeClock } from '../../../../support/fake-clock.js';

const TIMEOUT_MS = 2_000;
const PATIENCE_MS = 300;
/** The time of two responses of the log: to the shared batch in flight, and to the partition's own batch. */
const ANSWERS_MS = 20;
/** Never fails. */
const HEALTHY = 0;
const PARTITIONS = [HEALTHY, 1, 2, 3];

interface Answered {
  readonly partition: number;
  readonly value: string;
  readonly answers: string[];
  tookMs: number;
}

interface Sending {
  readonly record: NewRecord;
  readonly answer: (outcome: string) => void;
}

type Step =
  | { readonly kind: 'send'; readonly partition: number }
  | { readonly kind: 'run'; readonly partitions: readonly number[] }
  | { readonly kind: 'mode'; readonly partition: number; readonly mode: Mode }
  | { readonly kind: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('send' as const), partition: fc.constantFrom(...PARTITIONS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      partitions: fc.array(fc.constantFrom(...PARTITIONS), { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('mode' as const),
      partition: fc.constantFrom(...PARTITIONS.filter((partition) => partition !== HEALTHY)),
      mode: fc.constantFrom<Mode>('works', 'no-leader', 'lost-response', 'lost-request', 'hangs'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 700 }) }),
  },
);

async function run(
  steps: readonly Step[],
): Promise<{ log: FailingPartitions; sends: Answered[]; clock: FakeClock }> {
  const clock = new FakeClock();
  const log = new FailingPartitions(clock);
  const queue = new PartitionedSendQueue(log, clock, { timeoutMs: TIMEOUT_MS });
  const sends: Answered[] = [];
  const sendsTo = (partitions: readonly number[]): Sending[] =>
    partitions.map((partition) => {
      const at = clock.elapsed();
      const sent: Answered = { partition, value: String(sends.length), answers: [], tookMs: Infinity };
      sends.push(sent);
      const record = { key: Buffer.from(String(partition)), value: Buffer.from(sent.value), headers: {} };
      const answer = (outcome: string): void => {
        sent.answers.push(outcome);
        sent.tookMs = clock.elapsed() - at;
      };
      return { record, answer };
    });
  const send = (partition: number): void => {
    for (const { record, answer } of sendsTo([partition])) {
      queue.send(record).then(
        () => {
          answer('sent');
        },
        (error: unknown) => {
          answer(error instanceof SendFailed ? error.outcome : 'defect');
        },
      );
    }
  };
  const sendRun = (partitions: readonly number[]): Promise<void> => {
    const sending = sendsTo(partitions);
    queue.sendAll(
      sending.map(({ record }) => record),
      ({ places, results }) => {
        places.forEach((place, at) => sending[place]?.answer(results[at] === 'appended' ? 'sent' : 'failed'));
      },
    );
    // The run is queued only after that.
    return clock.advance(0);
  };
  for (const next of steps) {
    if (next.kind === 'send') send(next.partition);
    else if (next.kind === 'run') await sendRun(next.partitions);
    else if (next.kind === 'mode') log.modes.set(next.partition, next.mode);
    else await clock.advance(next.ms);
  }
  await clock.advance(TIMEOUT_MS);
  log.modes.clear();
  for (const partition of PARTITIONS) send(partition);
  await clock.advance(TIMEOUT_MS);
  return { log, sends, clock };
}

describe('The send queue of a log whose partitions fail, hang and recover', () => {
  it('keeps the order, answers once and in time, confirms only what was written, and delays no other partition', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const { log, sends, clock } = await run(steps);
        expect(log.overlaps).to.deep.equal([]);
        for (const { partition, value, answers, tookMs } of sends) {
          const isWritten = log.written.get(partition)?.includes(value) === true;
          expect(answers).to.have.length(1);
          expect(tookMs).to.be.at.most(TIMEOUT_MS);
          if (answers[0] === 'sent') expect(isWritten).to.equal(true);
          if (answers[0] === 'not-sent') expect(isWritten).to.equal(false);
          if (partition !== HEALTHY) continue;
          expect(answers).to.deep.equal(['sent']);
          expect(tookMs).to.be.at.most(PATIENCE_MS + ANSWERS_MS);
        }
        for (const written of log.written.values()) {
          const firsts = [...new Set(written)].map(Number);
          expect(firsts).to.deep.equal([...firsts].sort((a, b) => a - b));
        }
        // The last send to each partition, after the partition has recovered.
        expect(sends.slice(-PARTITIONS.length).map(({ answers }) => answers)).to.deep.equal(
          PARTITIONS.map(() => ['sent']),
        );
        expect(clock.pendingTimers).to.equal(0);
      }),
      { numRuns: 150 },
    )).timeout(30_000);
});
