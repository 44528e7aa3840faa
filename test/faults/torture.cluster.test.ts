import { expect } from 'chai';
import { Campaign } from '../../torture/campaign.js';
import { explain, table } from '../../torture/report.js';

/** A fixed schedule, so that every run injects the same faults, which end a receiver three times. */
const OPTIONS = { seconds: 60, seed: 2, messages: 20_000 };

describe('A minute of faults on a cluster', function () {
  this.timeout(600_000);

  it('loses, repeats and reorders nothing that was acknowledged', async () => {
    const lines: string[] = [];
    const result = await Campaign.run(OPTIONS, [], (line) => lines.push(line));
    if (result.violations.length > 0) process.stdout.write(`${lines.join('\n')}\n${explain(result)}\n`);
    process.stdout.write(`${table(result, OPTIONS).replaceAll(/^/gm, '        ')}\n`);
    expect(result.violations).to.deep.equal([]);
    const accepted = result.history.sends.filter(({ outcome }) => outcome === 'accepted');
    expect(accepted).to.have.lengthOf.above(1_000);
    expect(result.faults.size).to.be.above(5);
  });
});
