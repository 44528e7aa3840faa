import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseOptions } from '../../../torture/options.js';
import { DEFECTS, isFound, preloadOf } from '../../../torture/planted/planted.js';

describe('The options of a torture run', () => {
  it('are read from the command line', () => {
    const options = parseOptions(['--seconds', '300', '--seed', '7', '--messages', '1000000']);
    expect(options).to.deep.equal({ seconds: 300, seed: 7, messages: 1_000_000 });
  });

  it('prove the defects with a seed that is known to expose them', () => {
    expect(parseOptions(['--prove']).seed).to.equal(2);
    expect(parseOptions(['--prove', '--seed', '3']).seed).to.equal(3);
  });

  it('name one planted defect, or ask for all of them', () => {
    expect(parseOptions(['--plant', 'offset-too-far']).defect).to.equal('offset-too-far');
    expect(parseOptions(['--prove']).prove).to.equal(true);
  });

  it('end a run early only on request', () => {
    expect(parseOptions(['--messages', '5']).endWhenAcknowledged).to.equal(undefined);
    const { messages, endWhenAcknowledged } = parseOptions(['--until-acknowledged', '7']);
    expect({ messages, endWhenAcknowledged }).to.deep.equal({ messages: 7, endWhenAcknowledged: true });
  });

  it('default to a minute and a random seed', () => {
    const { seconds, seed } = parseOptions([]);
    expect(seconds).to.equal(60);
    expect(seed).to.be.within(0, 999_999);
  });

  it('are rejected by name if they are not whole numbers or unknown', () => {
    expect(() => parseOptions(['--seconds', 'ten'])).to.throw('--seconds must be a whole number, not ten');
    expect(() => parseOptions(['--hours', '1'])).to.throw('--hours');
  });

  it('accept only the name of an existing planted defect', () => {
    for (const defect of DEFECTS) expect(existsSync(fileURLToPath(preloadOf(defect))), defect).to.equal(true);
    expect(() => preloadOf('none')).to.throw('commit-before-settle');
  });

  it('count a planted defect as found only if a rule that it breaks is violated', () => {
    const replayInFlight = { rule: 'failure-state', detail: 'replaying' } as const;
    const lost = { rule: 'lost', detail: 'message 7' } as const;
    expect(isFound('offset-too-far', [replayInFlight])).to.equal(false);
    expect(isFound('offset-too-far', [replayInFlight, lost])).to.equal(true);
    expect(isFound('reader-that-skips', [lost])).to.equal(false);
    for (const defect of DEFECTS) expect(isFound(defect, []), defect).to.equal(false);
  });
});
