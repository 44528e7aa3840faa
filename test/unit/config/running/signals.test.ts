import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { exitOnSignals, onSignals } from '../../../../src/config/running/signals.js';
import { FakeClock } from '../../../support/fake-clock.js';

function setUp() {
  const clock = new FakeClock();
  const source = new EventEmitter();
  const calls: string[] = [];
  onSignals(
    source,
    clock,
    () => calls.push('stop'),
    () => calls.push('end'),
  );
  return { clock, source, calls };
}

describe('A signal', () => {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    it(`${signal} asks the program to stop`, () => {
      const { source, calls } = setUp();
      source.emit(signal);
      expect(calls).to.deep.equal(['stop']);
    });
  }

  it('changes nothing if it is repeated within a second', async () => {
    const { source, clock, calls } = setUp();
    source.emit('SIGINT');
    await clock.advance(1_000);
    source.emit('SIGTERM');
    expect(calls).to.deep.equal(['stop']);
  });

  for (const step of [-3_600_000, 3_600_000]) {
    it(`is distinguished from a later one when the wall clock steps by ${String(step)} ms`, async () => {
      const { source, clock, calls } = setUp();
      source.emit('SIGINT');
      clock.stepWall(step);
      await clock.advance(1_000);
      source.emit('SIGINT');
      expect(calls).to.deep.equal(['stop']);
      await clock.advance(1);
      source.emit('SIGINT');
      expect(calls).to.deep.equal(['stop', 'end']);
    });
  }

  it('ends the program at once if it is repeated later', async () => {
    const { source, clock, calls } = setUp();
    source.emit('SIGINT');
    await clock.advance(1_001);
    source.emit('SIGINT');
    expect(calls).to.deep.equal(['stop', 'end']);
  });
});

describe('A signal before the program has started', () => {
  const setUp = () => {
    const codes: number[] = [];
    const host = Object.assign(new EventEmitter(), { exit: (code: number) => codes.push(code) });
    return { host, codes, release: exitOnSignals(host) };
  };

  for (const signal of ['SIGTERM', 'SIGINT']) {
    it(`${signal} exits with code 0`, () => {
      const { host, codes } = setUp();
      host.emit(signal);
      expect(codes).to.deep.equal([0]);
    });
  }

  it('is left to other handlers after the release', () => {
    const { host, codes, release } = setUp();
    release();
    expect([host.emit('SIGTERM'), host.emit('SIGINT')]).to.deep.equal([false, false]);
    expect(codes).to.be.empty;
  });
});
