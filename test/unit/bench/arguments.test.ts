import { expect } from 'chai';
import { parseArguments } from '../../../bench/arguments.js';

const parse = (...args: string[]) => parseArguments(args, ['pages', 'soak']);

describe("The benchmark's arguments", () => {
  it('ask for everything at full size by default', () => {
    expect(parse()).to.deep.equal({ quick: false, only: [] });
  });

  it('select a quick run, a file, and scenarios by name', () => {
    expect(parse('--quick', 'pages', '--json', 'out.json', 'soak')).to.deep.equal({
      ...{ quick: true, json: 'out.json', only: ['pages', 'soak'] },
    });
  });

  it('are rejected if they are unknown', () => {
    expect(() => parse('--fast')).to.throw('"--fast" is neither an option nor a scenario (pages, soak)');
  });

  it('are rejected if the file name is missing', () => {
    for (const args of [['--json'], ['--json', '--quick']])
      expect(() => parse(...args)).to.throw('needs a file');
  });
});
