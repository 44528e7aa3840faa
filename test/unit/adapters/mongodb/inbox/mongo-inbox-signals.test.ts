import { expect } from 'chai';
import { mongo } from 'mongoose';
import type { MongoConnection } from '../../../../../src/adapters/mongodb/connection/mongo-connection.js';
import { portError } from '../../../../../src/adapters/mongodb/client/mongo-errors.js';
import { MongoInboxSignals } from '../../../../../src/adapters/mongodb/inbox/mongo-inbox-signals.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';

type Step = string | Error | object;

/** A collection whose streams emit what the test says, and record the resume tokens that they were opened with. */
class FakeInboxes {
  readonly resumedFrom: unknown[] = [];
  private position = 0;
  private readonly steps: Step[] = [];
  private wake: () => void = () => undefined;

  give(...steps: Step[]): void {
    this.steps.push(...steps);
    this.wake();
  }

  watch(_pipeline: unknown, { resumeAfter }: { resumeAfter?: unknown }): unknown {
    if (resumeAfter !== undefined) this.resumedFrom.push(resumeAfter);
    const position = (): string => `token ${String(this.position)}`;
    return {
      get resumeToken() {
        return position();
      },
      tryNext: () => Promise.resolve(null),
      next: () => this.next(),
      close: () => Promise.resolve(),
    };
  }

  private async next(): Promise<unknown> {
    while (this.steps.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    const step = this.steps.shift();
    if (step instanceof Error || step === undefined) throw step ?? new Error('nothing to give');
    this.position += 1;
    return typeof step === 'string' ? { documentKey: { _id: step } } : step;
  }
}

function signalsOf(inboxes: FakeInboxes): MongoInboxSignals {
  const use = async (
    _part: string,
    work: (store: { inboxes: FakeInboxes }) => Promise<unknown>,
  ): Promise<unknown> => {
    try {
      return await work({ inboxes });
    } catch (error) {
      throw portError(error);
    }
  };
  // Only `use` of the connection is called.
  return new MongoInboxSignals({ use } as unknown as MongoConnection, new RecordingLogger());
}

describe('Inbox signals from a change stream', function () {
  this.timeout(5_000);
  let inboxes: FakeInboxes;
  let signals: MongoInboxSignals;
  let heard: (string | undefined)[];

  beforeEach(() => {
    inboxes = new FakeInboxes();
    signals = signalsOf(inboxes);
    heard = [];
  });
  afterEach(() => signals.close());

  const hears = async (count: number): Promise<void> => {
    while (heard.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const listen = (): (() => void) => signals.subscribe((client) => heard.push(client));

  it('open the stream once, for the first subscriber', async () => {
    expect(inboxes.resumedFrom).to.have.lengthOf(0);
    listen();
    listen();
    await hears(2);
    inboxes.give('a');
    await hears(4);
    expect(heard).to.deep.equal([undefined, undefined, 'a', 'a']);
    expect(inboxes.resumedFrom).to.deep.equal(['token 0']);
  });

  it('say how far an inbox has moved on, if nothing else has changed there', async () => {
    const lasts: (number | undefined)[] = [];
    signals.subscribe((_client, last) => lasts.push(last));
    const update = (updatedFields: object) => ({
      documentKey: { _id: 'a' },
      updateDescription: { updatedFields },
    });
    inboxes.give(update({ last: 7 }), update({ first: 3 }), update({ first: 3, last: 8 }), update({}), 'a');
    while (lasts.length < 6) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(lasts).to.deep.equal([undefined, 7, undefined, undefined, undefined, undefined]);
  });

  it('resume after an outage without waking subscribers unnecessarily', async () => {
    listen();
    inboxes.give('a', new mongo.MongoNetworkError('gone'), 'b');
    await hears(3);
    expect(heard).to.deep.equal([undefined, 'a', 'b']);
    expect(inboxes.resumedFrom).to.deep.equal(['token 0', 'token 1']);
  });

  it('restart if the history is gone, and wake every subscriber', async () => {
    listen();
    const lost = new mongo.MongoServerError({ message: 'ChangeStreamHistoryLost', code: 286 });
    inboxes.give('a', lost, 'b');
    await hears(4);
    expect(heard).to.deep.equal([undefined, 'a', undefined, 'b']);
  });

  it('end for a subscriber that leaves, and for all when closed', async () => {
    const end = listen();
    listen();
    await hears(2);
    end();
    end();
    inboxes.give('a');
    await hears(3);
    await signals.close();
    await signals.close();
    inboxes.give('b');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).to.deep.equal([undefined, undefined, 'a']);
  });
});
