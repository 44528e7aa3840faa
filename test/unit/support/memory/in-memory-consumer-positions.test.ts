import { InMemoryConsumerPositions } from '../../../support/memory/in-memory-consumer-positions.js';
import { InMemoryLedger } from '../../../support/memory/in-memory-ledger.js';
import { consumerPositionsContract } from '../../../contract/delivery/consumer-positions.contract.js';
import { TestClock } from '../../../contract/delivery/ledger/store.js';
import { identities } from '../../../support/builders.js';

consumerPositionsContract('InMemoryConsumerPositions', () => {
  const ledger = new InMemoryLedger(new TestClock(), identities);
  let isEmpty = true;
  const settle: InMemoryLedger['settle'] = (entries) => {
    isEmpty = false;
    return ledger.settle(entries);
  };
  const positions = new InMemoryConsumerPositions(() => isEmpty);
  const other = () => Promise.resolve(positions);
  return Promise.resolve({ ledger: { settle }, positions, other, close: () => Promise.resolve() });
});
