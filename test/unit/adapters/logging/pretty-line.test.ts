import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { prettyLine } from '../../../../src/adapters/logging/pretty-line.js';

const TIME = new Date(2026, 2, 1, 9, 5, 7);
const plain = prettyLine(false);

describe('prettyLine', () => {
  it('shows the local time, the level, the event and the fields', () => {
    const fields = {
      port: 3000,
      backend: 'embedded',
      roles: { api: true },
      reason: 'two words',
      nothing: undefined,
    };
    expect(plain(TIME, 'info', 'program.started', fields)).to.equal(
      '09:05:07 INFO  program.started port=3000 backend=embedded roles={"api":true} reason="two words"',
    );
    expect(plain(TIME, 'error', 'program.defect')).to.equal('09:05:07 ERROR program.defect');
  });

  it('shows the text of an event before its name', () => {
    const fields = { text: 'waiting for Kafka at "k1:9092"', kind: 'ECONNREFUSED' };
    expect(plain(TIME, 'warn', 'log.unavailable', fields)).to.equal(
      '09:05:07 WARN  waiting for Kafka at "k1:9092" log.unavailable kind=ECONNREFUSED',
    );
  });

  it('shows the causes of an error in the same line', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1:9'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    const error = new DependencyUnavailable('log', refused);
    expect(plain(TIME, 'warn', 'x', { error, n: 1 })).to.equal(
      '09:05:07 WARN  x error=DependencyUnavailable, caused by Error ECONNREFUSED connect ECONNREFUSED ::1:9 n=1',
    );
  });

  it('shows the stack frames of a bug below, without the text of the error', () => {
    const [head, ...frames] = plain(TIME, 'error', 'http.failed', { error: new TypeError('secret') }).split(
      '\n',
    );
    expect(head).to.equal('09:05:07 ERROR http.failed error=TypeError');
    expect(frames[0]).to.match(/^ {4}at .*pretty-line\.test/);
    expect(frames.join()).not.to.include('secret');
  });

  it('colours only when told to', () => {
    const fields = { text: 'a', b: 'c', error: new TypeError('d') };
    const coloured = prettyLine(true)(TIME, 'warn', 'x.y', fields);
    expect(coloured).to.include('\u001b[33mWARN ');
    // eslint-disable-next-line no-control-regex -- removes the colours
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).to.equal(plain(TIME, 'warn', 'x.y', fields));
  });

  it('escapes characters that would change what the terminal shows', () => {
    const bad = 'a\n\u001b[2J\u009b2J';
    const refused = Object.assign(new Error(bad), { syscall: 'connect' });
    const line = plain(TIME, 'info', 'x', { text: bad, [bad]: bad, list: [bad], error: refused });
    // eslint-disable-next-line no-control-regex -- looks for control characters
    expect(line).not.to.match(/[\u0000-\u001f\u007f-\u009f]/);
  });

  it('accepts values that JSON cannot express', () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(plain(TIME, 'info', 'x', { big: 1n, loop, odd: Symbol('s') })).to.equal(
      '09:05:07 INFO  x big="(not representable)" loop="(not representable)" odd=symbol',
    );
  });
});
