import type { Known } from '../../domain/delivery/fate.js';
import type { Identities } from '../../domain/identity.js';
import type { Message } from '../../domain/message.js';
import { resultOf, type SendResult } from '../../domain/sending/send-result.js';
import type { InboxWatch } from '../inbox/inbox-watch.js';
import type { Archive } from '../ports/archive.js';
import type { Clock } from '../ports/clock.js';
import { ResultLookUps } from './result-look-ups.js';

/**
 * Waits for the result of an accepted message, whichever process decides it. Resolves with `undecided` after
 * `waitMs`, when the program stops, or when `signal` is aborted. Never rejects: during an outage of the store,
 * nothing is decided. Sends that wait for the same inbox share one look-up.
 */
export class AwaitResult {
  private readonly lookUps = new Map<string, ResultLookUps>();

  constructor(
    private readonly watch: InboxWatch,
    private readonly archive: Pick<Archive, 'known'>,
    private readonly identities: Identities,
    private readonly clock: Clock,
  ) {}

  of(message: Message, waitMs: number, signal: AbortSignal): Promise<SendResult> {
    if (signal.aborted) return Promise.resolve({ kind: 'undecided' });
    const content = this.identities.contentOf(message);
    return new Promise((resolve) => {
      const end = (result: SendResult): void => {
        cancel();
        signal.removeEventListener('abort', finish);
        stop();
        resolve(result);
      };
      const finish = (): void => {
        end({ kind: 'undecided' });
      };
      const onKnown = (known?: Known): void => {
        const result = resultOf(known, { id: message.id, content }, this.identities);
        if (result.kind !== 'undecided') end(result);
      };
      const cancel = this.clock.after(waitMs, finish);
      signal.addEventListener('abort', finish);
      const stop = this.inboxOf(message.to).add(message.id, onKnown, finish);
    });
  }

  private inboxOf(client: string): ResultLookUps {
    const existing = this.lookUps.get(client);
    if (existing) return existing;
    const created = new ResultLookUps(this.watch.open(client), this.archive, this.clock, () => {
      this.lookUps.delete(client);
    });
    this.lookUps.set(client, created);
    return created;
  }
}
