import { Writable } from 'node:stream';
import { expect } from 'chai';
import { DependencyUnavailable } from '../../../../src/application/errors.js';
import { WinstonLogger, type WinstonLevel } from '../../../../src/adapters/logging/winston-logger.js';

type Line = Readonly<Record<string, unknown>>;

function loggerAt(level: WinstonLevel): { logger: WinstonLogger; text: () => string; lines: () => Line[] } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  const text = () => chunks.join('');
  const lines = () =>
    text()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  return { logger: new WinstonLogger(level, stream), text, lines };
}

describe('WinstonLogger', () => {
  it('writes one JSON object per line: time, level, event, then the fields', () => {
    const { logger, lines } = loggerAt('info');
    logger.info('record-stored', { partition: 3, messageId: 'a'.repeat(24), nothing: undefined });
    logger.warn('second');
    const [first, second] = lines();
    expect(Object.keys(first ?? {})).to.deep.equal(['time', 'level', 'event', 'partition', 'messageId']);
    expect(first).to.include({ level: 'info', event: 'record-stored', partition: 3 });
    expect(Date.parse(String(first?.['time']))).to.be.closeTo(Date.now(), 5_000);
    expect(second).to.include({ level: 'warn', event: 'second' });
  });

  it('writes nothing below its level', () => {
    const { logger, lines } = loggerAt('warn');
    logger.debug('no');
    logger.info('no');
    logger.warn('yes');
    logger.error('yes');
    expect(lines().map(({ level }) => level)).to.deep.equal(['warn', 'error']);
  });

  it('reports whether debug lines are enabled, so that callers need not prepare them', () => {
    expect(loggerAt('info').logger.isDebugEnabled()).to.equal(false);
    expect(loggerAt('debug').logger.isDebugEnabled()).to.equal(true);
  });

  it('keeps its own members, whatever the fields are called', () => {
    const { logger, lines } = loggerAt('info');
    logger.info('real', { event: 'fake', level: 'fake', time: 'fake', message: 'kept' });
    expect(lines()[0]).to.include({ event: 'real', level: 'info', message: 'kept' });
  });

  it('accepts values that JSON cannot express', () => {
    const { logger, lines } = loggerAt('info');
    const loop: { self?: unknown } = {};
    loop.self = loop;
    logger.info('odd', { big: 1n, loop, fine: 1 });
    expect(lines()[0]).to.include({ big: '(not representable)', loop: '(not representable)', fine: 1 });
  });

  it('shows a connection error with its code and text, even inside other errors', () => {
    const { logger, lines } = loggerAt('info');
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9092'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    logger.error('append-failed', { error: new DependencyUnavailable('log', refused) });
    expect(lines()[0])
      .to.have.property('error')
      .that.deep.equals({
        name: 'DependencyUnavailable',
        cause: { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:9092' },
      });
  });

  const SECRET = 'dear Bob,\n    at noon';
  const quoting: readonly (readonly [string, () => unknown])[] = [
    ['a JSON error', () => JSON.parse(SECRET) as unknown],
    ['a TypeError', () => Object.assign(SECRET, { 0: 'x' })],
    [
      'any other error',
      () => {
        throw new Error(SECRET, { cause: new Error(SECRET) });
      },
    ],
    [
      'a server that quotes a document',
      () => {
        throw new DependencyUnavailable('store', new Error(SECRET));
      },
    ],
  ];
  for (const [what, fail] of quoting) {
    it(`never repeats a message that ${what} quotes, but shows where it was thrown`, () => {
      const { logger, text } = loggerAt('info');
      logger.error('failed', { error: caught(fail) });
      expect(text()).to.include('"event":"failed"').and.not.include('dear').and.not.include('noon');
      expect(text()).to.include('winston-logger.test');
    });
  }
});

function caught(fail: () => unknown): Error {
  try {
    fail();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
