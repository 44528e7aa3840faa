import { expect } from 'chai';
import { aDeadLetter, aDelivery } from '../../support/builders.js';
import { useStore, type LedgerHandle, type LedgerStoreFactory } from '../delivery/ledger/store.js';

/** Tests the obligations of a source of inbox signals; see the port. */
export function inboxSignalsContract(name: string, factory: LedgerStoreFactory): void {
  describe(`${name} as a source of inbox signals`, function () {
    this.timeout(20_000);
    const used = useStore(factory);

    it('signals each inbox with new messages to its listener', async () => {
      const heard = listen(used.store);
      await heard.ready();
      await used.store.ledger.settle([aDelivery({ to: 'a' }), aDelivery({ to: 'b' })]);
      await heard.of('a');
      await heard.of('b');
      heard.end();
    });

    it('signals a failure that belongs to an inbox', async () => {
      const heard = listen(used.store);
      await heard.ready();
      await used.store.ledger.settle([aDeadLetter({ to: 'failing' })]);
      await heard.of('failing');
      heard.end();
    });

    it('signals every listener, also about messages that another process stored', async () => {
      const other = await used.store.other();
      const listeners = [listen(used.store), listen(used.store), listen(other)];
      for (const heard of listeners) await heard.ready();
      await other.ledger.settle([aDelivery({ to: 'a' })]);
      for (const heard of listeners) await heard.of('a');
      for (const heard of listeners) heard.end();
    });

    it('is silent after the subscription was closed, which may be closed twice', async () => {
      const [stays, leaves] = [listen(used.store), listen(used.store)];
      await stays.ready();
      leaves.end();
      leaves.end();
      const before = leaves.count();
      await used.store.ledger.settle([aDelivery({ to: 'late' })]);
      await stays.of('late');
      expect(leaves.count()).to.equal(before);
      stays.end();
    });

    it('lets a reader that subscribes, reads until empty and then waits see every message', async () => {
      const writer = await used.store.other();
      const seen: number[] = [];
      const heard = listen(used.store);
      const following = (async () => {
        for (let calls = -1; seen.length < 60;) {
          if (heard.count() === calls) await heard.next();
          calls = heard.count();
          const page = await used.store.reader.page('clientB', seen.at(-1) ?? 0, 10);
          seen.push(...page.map(({ number }) => number));
          if (page.length === 10) calls = -1;
        }
      })();
      for (let i = 0; i < 20; i++) await writer.ledger.settle([aDelivery(), aDelivery(), aDelivery()]);
      await following;
      expect(seen).to.deep.equal(Array.from({ length: 60 }, (_, i) => i + 1));
      heard.end();
    });
  });
}

interface Heard {
  /** Resolves when the subscription reports messages stored from now on. */
  ready(): Promise<void>;
  /** Resolves when a signal for this client (or for any) has arrived. */
  of(client: string): Promise<void>;
  next(): Promise<void>;
  count(): number;
  end(): void;
}

let probes = 0;

function listen({ signals, ledger }: LedgerHandle): Heard {
  const clients = new Set<string>();
  let count = 0;
  let wake: () => void = () => undefined;
  const end = signals.subscribe((client) => {
    count += 1;
    if (client !== undefined) clients.add(client);
    wake();
  });
  const next = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  const of = async (client: string): Promise<void> => {
    while (!clients.has(client)) await next();
  };
  const ready = async (): Promise<void> => {
    const client = `ready-${String(++probes)}`;
    const heard = of(client);
    let done = false;
    void heard.then(() => (done = true));
    while (!done) {
      await ledger.settle([aDelivery({ to: client })]);
      await Promise.race([heard, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
  };
  return { ready, of, next, count: () => count, end };
}
