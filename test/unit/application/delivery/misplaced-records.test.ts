import { expect } from 'chai';
import { MisplacedRecords } from '../../../../src/application/delivery/misplaced-records.js';
import { ServedClients } from '../../../../src/domain/delivery/served-clients.js';
import { DeliveryWorld } from '../../../support/delivery/delivery-world.js';
import { appendMessage, appendRaw } from '../../../support/delivery/world-records.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { silentTelemetry } from '../../../support/silent-telemetry.js';

const LAYOUT = { partitions: 2, ends: new Map([0, 1].map((partition) => [partition, 0])) };

describe('MisplacedRecords', () => {
  let clock: FakeClock;
  let logger: RecordingLogger;
  let counted: number;
  let misplaced: MisplacedRecords;

  beforeEach(() => {
    clock = new FakeClock();
    logger = new RecordingLogger();
    counted = 0;
    const telemetry = { ...silentTelemetry, misplaced: (count: number) => (counted += count) };
    misplaced = new MisplacedRecords(() => 0, { clock, logger, telemetry });
    misplaced.observe(LAYOUT);
  });

  /** Lets `ms` pass, with a layout every five seconds. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 5_000) {
      await clock.advance(5_000);
      misplaced.observe(LAYOUT);
    }
  }

  const find = (offset: number): void => {
    misplaced.check({ topic: 'messages', partition: 1, offset }, 'bob');
  };

  it('counts misplaced records, and warns without the name of the recipient', async () => {
    find(3);
    find(4);
    await pass(10_000);
    expect(counted).to.equal(2);
    const example = { topic: 'messages', partition: 1, offset: 3, recipientPartition: 0 };
    expect(logger.lines).to.deep.equal([
      { level: 'warn', event: 'log.records-misplaced', fields: { count: 2, ...example } },
    ]);
  });

  it('counts at once but warns at most once a minute, with the count since the last warning', async () => {
    for (let offset = 0; offset < 8; offset += 1) {
      find(offset);
      await pass(10_000);
      expect(counted).to.equal(offset + 1);
    }
    await pass(60_000);
    const fields = logger.lines.map(({ fields: { count, offset } }) => [count, offset]);
    expect(fields).to.deep.equal([
      [1, 0],
      [6, 1],
      [1, 7],
    ]);
  });

  it('logs nothing while each record is in its partition', async () => {
    misplaced.check({ topic: 'messages', partition: 0, offset: 3 }, 'bob');
    await pass(120_000);
    expect(logger.lines).to.deep.equal([]);
  });
});

describe('The delivery engine', () => {
  it('checks the partition of each record that it delivers to a valid recipient', async () => {
    const checked: string[] = [];
    const world = new DeliveryWorld({
      served: ServedClients.only(['b', 'd']),
      expiresAfterMs: 1_000,
      checkPartition: ({ partition, offset }, to) =>
        checked.push(`${to} ${String(partition)}/${String(offset)}`),
    });
    appendMessage(world, { to: 'b' });
    await world.clock.advance(1_001);
    appendMessage(world, { to: 'b' });
    appendMessage(world, { to: 'd', message: '' });
    appendMessage(world, { to: 'not served' });
    appendRaw(world, 'b', { key: null, value: Buffer.from('no JSON'), headers: {} });
    await world.start();
    await world.clock.advance(0);
    expect(checked).to.deep.equal(['b 0/1', 'd 0/2']);
  });
});
