import { expect } from 'chai';
import { eventually } from '../support/eventually.js';
import { temporaryFolder } from '../support/program/spawned-program.js';
import { EmbeddedFaultStore } from './stores/embedded-store.js';
import { FaultRun } from './fault-run.js';

describe('The embedded back end, when it is killed under traffic', function () {
  this.timeout(120_000);
  const run = new FaultRun();

  after(() => run.end());

  it('loses and repeats nothing that it acknowledged, for readers too, over several kills', async () => {
    const folder = temporaryFolder();
    const env = { DATA_DIR: folder };
    let program = await run.start(env);
    const traffic = run.send(() => program);
    const readers = run.read(() => program);
    for (let round = 0; round < 5; round += 1) {
      await traffic.more(400);
      program.kill('SIGKILL');
      await program.ended;
      program = await run.start(env);
    }
    await traffic.more(200);
    await traffic.stop();
    await eventually(async () => (await lag(program.url)) === 0);
    await readers.finish();
    await program.stop();
    const store = new EmbeddedFaultStore(folder, [...traffic.acknowledged.keys()]);
    try {
      const { counts } = await run.verify(store);
      expect(counts.failed).to.equal(0);
    } finally {
      await store.close();
    }
  });
});

async function lag(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const lines = [...metrics.matchAll(/^postrider_lag_records\{.*\} (\d+)$/gm)];
  return lines.reduce((sum, [, records]) => sum + Number(records), 0);
}
