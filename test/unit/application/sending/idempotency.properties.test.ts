import { expect } from 'chai';
import fc from 'fast-check';
import { SendFailed } from '../../../../src/application/errors.js';
import { IdempotencyKeyReused } from '../../../../src/application/sending/send-idempotency.js';
import { DomainError } from '../../../../src/domain/errors.js';
import type { FailedMessage } from '../../../../src/domain/failures/failed-message.js';
import type { Message, StoredMessage } from '../../../../src/domain/message.js';
import { checkMessage, InvalidMessage } from '../../../../src/domain/message-rules.js';
import type { Answer, LookUp, Publishing } from '../../../support/sending/api-processes.js';
import { identities } from '../../../support/builders.js';
import {
  KeyedSends,
  type KeyedSend,
  type Step,
  type Behaviours,
} from '../../../support/sending/keyed-sends.js';

const APIS = 3;
const MAX_LENGTH = 1_000;

// Small sets, so that keys collide. The last character of a name decides the partition.
const send: fc.Arbitrary<KeyedSend> = fc.record({
  from: fc.constantFrom('p', 'q'),
  key: fc.constantFrom('k', 'l'),
  to: fc.constantFrom('x1', 'x1', 'x2', 'x3'),
  message: fc.constantFrom('hello', 'hello', ' hello\u0000', 'other', ''),
});
const api = fc.nat(APIS - 1);
const sending = fc.record({
  do: fc.constant('send' as const),
  api,
  sends: fc.array(send, { minLength: 1, maxLength: 3 }),
});
const repeating = fc.record({ do: fc.constant('repeat' as const), api, index: fc.nat(50) });
const advancing = fc.record({
  do: fc.constant('advance' as const),
  ms: fc.constantFrom(0, 10, 160, 700, 9_000),
});
const engines = fc.integer({ min: 1, max: 2 });
const trouble = fc.oneof(
  fc.record({ do: fc.constantFrom('outage' as const, 'dead-letter-log' as const), down: fc.boolean() }),
  fc.record({ do: fc.constant('responses-lost' as const), count: fc.nat(4) }),
  fc.record({ do: fc.constant('poison' as const), send, tries: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constantFrom('crash' as const, 'rebalance' as const), engines }),
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: sending },
    { weight: 4, arbitrary: repeating },
    { weight: 4, arbitrary: advancing },
    { weight: 2, arbitrary: trouble },
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
);

const cycle = <T>(...values: readonly T[]): fc.Arbitrary<readonly T[]> =>
  fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 7 });
const surroundings: fc.Arbitrary<Behaviours> = fc.record({
  lookUps: cycle<LookUp>('answers', 'answers', 'stale', 'slow', 'fails'),
  publishing: cycle<Publishing>('kept', 'kept', 'kept', 'twice', 'crash', 'response-lost', 'not-sent'),
  latencies: cycle(0, 0, 20, 250),
  batchSizes: cycle(1, 2, 100),
  writes: cycle(0, 0, 20, 700),
});

const isValid = ({ message }: KeyedSend): boolean => message !== '';
const ownerOf = ({ from, key }: KeyedSend): string => `${from} ${key}`;
const contentOf = (send: KeyedSend): string => identities.contentOf(checkMessage(send, MAX_LENGTH));

/** A message under the id of its record. */
interface Claim {
  readonly id: string;
  readonly to: string;
  readonly content: string;
}
/**
 * Reports whether a send was rejected because of a stored or failed message. While other content is in
 * flight, any content may be rejected.
 */
const isReuse = (answer: Answer): boolean =>
  answer.kind === 'refused' && answer.error instanceof IdempotencyKeyReused && answer.error.by === 'known';
/** Reports whether an error is a valid reason to reject a send. A store that is down is not. */
const isExpected = (error: Error): boolean => error instanceof DomainError || error instanceof SendFailed;
const nameOf = ({ id, content }: Claim): string => `${id} ${content}`;

/** The records in the log, in the order of each recipient, without repetitions. */
function claimsInLog({ world }: KeyedSends): Claim[] {
  const claims = world.feed.records.messages.flat().map((record) => {
    const { message, content } = world.codec.decode(record);
    return { id: message.id, to: message.to, content };
  });
  return [...new Map(claims.map((claim) => [nameOf(claim), claim])).values()];
}

class Verdict {
  private constructor(
    private readonly run: KeyedSends,
    private readonly claims: readonly Claim[],
    private readonly stored: readonly StoredMessage[],
    private readonly failed: readonly FailedMessage[],
  ) {}

  static async on(run: KeyedSends): Promise<Verdict> {
    const [stored, failures] = [await run.world.stored(), await run.world.failures()];
    const failed = failures.filter(({ disposition }) => disposition !== 'refused');
    return new Verdict(run, claimsInLog(run), stored, failed);
  }

  /** Checks that the same sender and key have the same id, and that the log has every accepted message under it. */
  checkAnswers(): void {
    const inLog = new Set(this.claims.map(nameOf));
    const ids = new Map<string, string>();
    for (const [send, answer] of this.run.answers) {
      if (answer.kind === 'refused') {
        expect(answer.error instanceof InvalidMessage, 'refused for its content').to.equal(!isValid(send));
        expect(isExpected(answer.error), String(answer.error)).to.equal(true);
        continue;
      }
      const { id, to } = answer.message;
      expect(answer.message).to.include(checkMessage(send, MAX_LENGTH));
      expect(id).to.equal(ids.get(ownerOf(send)) ?? id);
      ids.set(ownerOf(send), id);
      expect([...inLog]).to.include(nameOf({ id, to, content: contentOf(send) }));
    }
    expect(new Set(ids.values())).to.have.property('size', ids.size);
    expect(this.run.open, 'sends without an answer').to.deep.equal([]);
  }

  /** Checks that every message in the log is stored or failed, once. */
  checkNothingIsMissingOrDoubled(): void {
    const failed = this.failed.map(({ id, conflictsWith = id, to, content }) => ({
      ...{ id: conflictsWith, to, content },
    }));
    const recorded = [...this.stored, ...failed].map(nameOf);
    expect(recorded.sort()).to.deep.equal(this.claims.map(nameOf).sort());
  }

  /**
   * Checks that the id belongs to the message that came first to its recipient, and that every other one failed with a
   * link to it.
   */
  checkHolders(): void {
    for (const id of new Set(this.claims.map((claim) => claim.id))) {
      const holder = this.holderOf(id)?.content;
      const own = this.claims.filter((claim) => claim.id === id);
      const first = own.filter(({ to }, at) => own.findIndex((other) => other.to === to) === at);
      expect(first.map(({ content }) => content)).to.include(holder);
      const others = own.filter(({ content }) => content !== holder);
      for (const { content } of others) this.checkConflict(id, content);
    }
  }

  private checkConflict(id: string, content: string): void {
    const failure = this.failed.find((failed) => failed.id === identities.ofReusedId(id, content));
    expect(failure).to.include({ content, conflictsWith: id });
    // A message that the store rejected failed for that reason before the conflict was detected.
    if (!this.run.world.ledger.poison.has(id)) expect(failure?.code).to.equal('idempotency-key-reused');
  }

  /**
   * Checks that, once the outcome is decided, a repeat of the original send gets its first result, other
   * content is rejected, and the log gets no new records.
   */
  async checkRepeats(): Promise<void> {
    const before = recordsIn(this.run);
    const sends = this.run.sends.filter(isValid);
    const answers = await this.run.repeatAll(sends);
    sends.forEach((send, at) => {
      this.checkRepeat(send, answers[at]);
    });
    expect(recordsIn(this.run)).to.equal(before);
  }

  private checkRepeat(send: KeyedSend, answer: Answer | undefined): void {
    const id = identities.ofIdempotencyKey(send.from, send.key);
    const content = contentOf(send);
    const holder = this.holderOf(id);
    if (holder?.content !== content) {
      expect(answer).to.have.property('error').that.is.instanceOf(IdempotencyKeyReused);
      return;
    }
    const { sentAt } = holder;
    expect(answer).to.have.property('message').that.includes({ id, sentAt });
    const others = this.run.answers.filter(([other]) => isValid(other) && ownerOf(other) === ownerOf(send));
    const reused = others.filter(([other, given]) => contentOf(other) === content && isReuse(given));
    expect(reused, 'refused as the reuse of its own key').to.deep.equal([]);
  }

  private holderOf(id: string): (Claim & Pick<Message, 'sentAt'>) | undefined {
    return [...this.stored, ...this.failed].find((claim) => claim.id === id);
  }
}

const recordsIn = ({ world }: KeyedSends): number => world.feed.records.messages.flat().length;

describe('An idempotency key that is sent repeatedly and concurrently to processes that die', () => {
  it('gives one message and one result; every other message with it is rejected or fails, linked to the first', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(steps, surroundings, async (all, around) => {
        const run = new KeyedSends(around);
        await run.play(all);
        const verdict = await Verdict.on(run);
        verdict.checkAnswers();
        verdict.checkNothingIsMissingOrDoubled();
        verdict.checkHolders();
        await verdict.checkRepeats();
      }),
      { numRuns: 600 },
    );
  });
});
