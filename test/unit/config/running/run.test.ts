import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { FatalErrors } from '../../../../src/config/running/fatal-errors.js';
import { Lifecycle, type Component } from '../../../../src/config/running/lifecycle.js';
import { run, type Host } from '../../../../src/config/running/run.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

class FakeHost extends EventEmitter implements Host {
  out = '';
  err = '';
  readonly codes: number[] = [];
  readonly stdout = { write: (text: string) => (this.out += text) };
  readonly stderr = { write: (text: string) => (this.err += text) };

  constructor(readonly env: Record<string, string>) {
    super();
  }

  exit(code: number): void {
    this.codes.push(code);
  }
}

function setUp(component: Partial<Component> = {}, env: Record<string, string> = {}) {
  const host = new FakeHost(env);
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const fatalErrors = new FatalErrors();
  const lifecycle = new Lifecycle([{ name: 'only', ...component }], clock, logger, 10_000);
  const program = { lifecycle, logger, clock, fatalErrors, port: () => 4711 };
  return { host, clock, logger, fatalErrors, start: () => run(host, () => program) };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('A run of the program', () => {
  it('prints a description once started, and logs it', async () => {
    const { host, logger, start } = setUp();
    await start();
    expect(host.out).to.match(/^Postrider .* listening on http:\/\/127\.0\.0\.1:4711\n/);
    expect(logger.lines.at(-1)).to.deep.include({ level: 'info', event: 'program.started' });
    expect(logger.lines.at(-1)?.fields).to.include({ backend: 'embedded', port: 4711 });
    expect(host.codes).to.deep.equal([]);
  });

  it('exits with 1 and one line for an invalid environment', async () => {
    const { host, start } = setUp({}, { PORT: 'x' });
    await start();
    expect(host).to.deep.include({ out: '', err: 'PORT must be a number, not "x"\n', codes: [1] });
  });

  it('prints one line for each invalid variable', async () => {
    const { host, start } = setUp({}, { PORT: 'x', LOG_LEVEL: 'loud' });
    await start();
    expect(host.err).to.match(/^PORT must be .*, not "x"\nLOG_LEVEL must be .*, not "loud"\n$/);
  });

  it('exits with 1 and the reason if it cannot start', async () => {
    const { host, start } = setUp({ start: () => Promise.reject(new Error('the folder is in use')) });
    await start();
    expect(host).to.deep.include({
      out: '',
      err: 'Postrider cannot continue: the folder is in use\n',
      codes: [1],
    });
  });

  it('stops on a signal and exits with 0', async () => {
    const { host, logger, start } = setUp();
    await start();
    host.emit('SIGTERM');
    await turn();
    expect(host.codes).to.deep.equal([0]);
    expect(logger.events()).to.deep.equal(['program.started', 'program.stopping', 'program.stopped']);
  });

  it('exits with 1 if stopping takes too long', async () => {
    const { host, clock, start } = setUp({ stop: () => new Promise(() => undefined) });
    await start();
    host.emit('SIGTERM');
    await turn();
    await clock.advance(10_000);
    await turn();
    expect(host.codes).to.deep.equal([1]);
  });

  it('exits at once with 1 on a later second signal', async () => {
    const { host, clock, start } = setUp({ stop: () => new Promise(() => undefined) });
    await start();
    host.emit('SIGINT');
    await clock.advance(1_500);
    host.emit('SIGINT');
    expect(host.codes).to.deep.equal([1]);
  });

  it('stops and exits with 1 on a fatal error, at any time', async () => {
    const { host, fatalErrors, start } = setUp();
    await start();
    fatalErrors.report(new Error('MongoDB is a standalone server'));
    fatalErrors.report(new Error('second'));
    await turn();
    expect(host).to.deep.include({
      err: 'Postrider cannot continue: MongoDB is a standalone server\n',
      codes: [1],
    });
  });

  it('exits with 1 on a fatal error from before a handler was installed', async () => {
    const { host, fatalErrors, start } = setUp();
    fatalErrors.report(new Error('early'));
    await start();
    await turn();
    expect(host).to.deep.include({ out: '', err: 'Postrider cannot continue: early\n', codes: [1] });
  });

  it('logs an uncaught defect without what it quotes, and exits at once with 1', async () => {
    const { host, logger, start } = setUp({ stop: () => new Promise(() => undefined) });
    await start();
    const error = new Error('it quotes "hello"');
    host.emit('uncaughtException', error);
    expect(host).to.deep.include({ err: '', codes: [1] });
    expect(logger.lines.at(-1)).to.deep.equal({ level: 'error', event: 'program.defect', fields: { error } });
  });

  it('does not print that it started if the signal came first', async () => {
    let finish = (): void => undefined;
    const { host, start } = setUp({ start: () => new Promise<void>((resolve) => (finish = resolve)) });
    const running = start();
    host.emit('SIGTERM');
    finish();
    await running;
    await turn();
    expect(host).to.deep.include({ out: '', codes: [0] });
  });
});
