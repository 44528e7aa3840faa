import { expect } from 'chai';
import type { CampaignResult } from '../../../torture/campaign.js';
import { explain, table } from '../../../torture/report.js';
import { failure, failures, history, inbox, sent, state } from './check/checker-world.js';

const result = (overrides: Partial<CampaignResult>): CampaignResult => ({
  ...{ history: history({}), final: state({}), violations: [], faults: new Map() },
  ...{ abortedSends: 0, unexpectedExits: 0, faultsMs: 60_400, settledAfterMs: 2_600 },
  ...overrides,
});

describe('The report of a torture campaign', () => {
  const options = { seconds: 90, seed: 7, messages: 10 };

  it('counts what was sent, stored and failed', () => {
    const sends = [
      sent('a'),
      sent('b'),
      sent('c', { outcome: 'unknown' }),
      sent('d', { outcome: 'rejected' }),
    ];
    const final = state({ inboxes: inbox('a', 'c'), failures: failures(failure('b')) });
    const text = table(result({ history: history({ sends }), final }), options);
    expect(text).to.include('| seed, seconds of faults | 7, 60 |');
    expect(text).to.include('| acknowledged | 2 |');
    expect(text).to.include('| unknown, not sent, rejected | 1, 0, 1 |');
    expect(text).to.include('| stored | 2 |');
    expect(text).to.include('| failures, by state | 1 unresolved |');
  });

  it('names every fault with its count, its shortest and its longest duration', () => {
    const faults = new Map([
      ['kill mongo', [3_000]],
      ['freeze api', [12_340, 10_000, 39_960]],
    ]);
    expect(table(result({ faults }), options)).to.include(
      '| freeze api | 3, each 10.0 to 40.0 s |\n| kill mongo | 1, each 3.0 to 3.0 s |',
    );
  });

  it('prints a violation with the sends and the rows around it in its inbox', () => {
    const violations = [{ rule: 'out-of-order', inbox: 'bob', detail: 'text 12 is late' }] as const;
    const sends = [sent('text 1'), sent('text 12')];
    const texts = ['text 1', 'text 2', 'text 3', 'text 4', 'text 5', 'text 6', 'text 12', 'text 13'];
    const final = state({ inboxes: inbox(...texts) });
    const lines = explain(result({ violations, history: history({ sends }), final })).split('\n');
    expect(lines[0]).to.equal('out-of-order in bob: text 12 is late');
    expect(lines[1]).to.match(/^ {4}sent .*"text":"text 12"/);
    expect(lines.slice(2).map((line) => /"text":"(.*?)"/.exec(line)?.[1])).to.deep.equal(texts.slice(1));
  });
});
