import { expect } from 'chai';
import { component } from '../../../../src/config/running/lifecycle.js';
import { addressCheck, deadLetters, serving, stopBudget } from '../../../../src/config/running/shutdown.js';
import { FakeClock } from '../../../support/fake-clock.js';

const budget = stopBudget(10_000);

function setUp() {
  const steps: string[] = [];
  let drained = (): void => undefined;
  const server = {
    start: () => Promise.resolve(),
    stop: () => {
      steps.push('stop listening');
      return new Promise<void>((resolve) => {
        drained = () => {
          steps.push('last answer');
          resolve();
        };
      });
    },
  };
  const queue = {
    close: (timeoutMs: number) => {
      steps.push(`flush within ${String(timeoutMs)}`);
      return Promise.resolve();
    },
  };
  const clock = new FakeClock();
  return {
    steps,
    clock,
    server,
    queue,
    drain: () => {
      drained();
    },
    http: serving(server, queue, clock, budget),
  };
}

describe('Checking the address', () => {
  const problemOf = (code: string | undefined) => {
    const error = Object.assign(new Error('the reason'), code !== undefined && { code, syscall: 'listen' });
    const started = addressCheck({ probe: () => Promise.reject(error) }).start?.();
    return Promise.resolve(started).catch((reason: unknown) => reason);
  };

  it('blames PORT if the port is in use or not allowed', async () => {
    for (const code of ['EADDRINUSE', 'EACCES']) {
      const problem = await problemOf(code);
      expect(problem).to.include({ message: 'PORT cannot be listened on (the reason)' });
    }
  });

  it('blames HOST if the system rejects the address or cannot resolve it', async () => {
    for (const code of ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL', 'EAFNOSUPPORT']) {
      const problem = await problemOf(code);
      expect(problem).to.include({ message: 'HOST cannot be listened on (the reason)' });
    }
  });

  it('passes a bug on', async () => {
    expect(await problemOf(undefined)).to.include({ message: 'the reason' });
  });
});

describe('Shutting down', () => {
  it('finishes requests before it closes the send queue', async () => {
    const { steps, clock, drain, http } = setUp();
    const stop = http.stop?.();
    await clock.advance(100);
    expect(steps).to.deep.equal(['stop listening']);
    drain();
    await stop;
    expect(steps).to.deep.equal(['stop listening', 'last answer', 'flush within 1000']);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('closes the queue if requests take too long, so that they can still be answered', async () => {
    const { steps, clock, drain, http } = setUp();
    const stop = http.stop?.();
    await clock.advance(budget.requestsMs);
    expect(steps).to.deep.equal(['stop listening', 'flush within 1000']);
    drain();
    await stop;
    expect(steps.at(-1)).to.equal('last answer');
  });

  it('reserves time for delivery, however long requests take', () => {
    const { requestsMs, flushMs, drainTimeoutMs } = stopBudget(10_000);
    expect(requestsMs + flushMs).to.be.below(drainTimeoutMs);
    expect(drainTimeoutMs).to.be.below(10_000);
  });

  it('stops delivery through the engine, and waits for dead letters within the time', async () => {
    const { steps, queue } = setUp();
    const engine = {
      start: () => Promise.resolve(),
      stop: () => {
        steps.push('engine');
        return Promise.resolve();
      },
    };
    await component('delivery', engine).stop?.();
    await deadLetters(queue, budget).stop?.();
    expect(steps).to.deep.equal(['engine', 'flush within 1000']);
  });
});
