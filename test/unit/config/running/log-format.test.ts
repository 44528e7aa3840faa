import { expect } from 'chai';
import { lineFormat } from '../../../../src/config/running/log-format.js';
import type { LogFormat } from '../../../../src/config/settings/environment.js';

const TERMINAL = { isTTY: true, hasColors: () => true };
const COLOURLESS = { isTTY: true, hasColors: () => false };
const FILE = {};

const form = (format: LogFormat | undefined, stdout: object, stderr: object): string => {
  const line = lineFormat(format, stdout, stderr)(new Date(), 'info', 'x');
  if (line.startsWith('{')) return 'json';
  return line.includes('\u001b[') ? 'coloured' : 'plain';
};

describe('The format of log lines', () => {
  it('is readable and coloured on a terminal', () => {
    expect(form(undefined, TERMINAL, TERMINAL)).to.equal('coloured');
    expect(form(undefined, COLOURLESS, COLOURLESS)).to.equal('plain');
  });

  it('is JSON if standard output or standard error is no terminal', () => {
    expect(form(undefined, FILE, FILE)).to.equal('json');
    expect(form(undefined, FILE, TERMINAL)).to.equal('json');
    expect(form(undefined, TERMINAL, FILE)).to.equal('json');
  });

  it('is what LOG_FORMAT chooses, with colours only on a terminal', () => {
    expect(form('json', TERMINAL, TERMINAL)).to.equal('json');
    expect(form('pretty', FILE, FILE)).to.equal('plain');
    expect(form('pretty', FILE, TERMINAL)).to.equal('coloured');
  });
});
