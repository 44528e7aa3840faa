import type { DeliveryEngine } from '../../application/delivery/delivery-engine.js';
import type { Clock } from '../../application/ports/clock.js';
import { settledWithin } from '../../application/timing.js';
import type { MessageQueue } from '../../application/ports/log/record-sender.js';
import { SettingsError } from '../settings/environment.js';
import type { Component } from './lifecycle.js';

/** How the time for stopping is shared out, so that what comes last has some left whatever came before. */
export interface StopBudget {
  /** For requests under way to finish by themselves. */
  readonly requestsMs: number;
  /** For what then still waits to get into the log. */
  readonly flushMs: number;
  /** When the connections that are left are cut; counted from the beginning. */
  readonly drainTimeoutMs: number;
}

export function stopBudget(timeoutMs: number): StopBudget {
  return { requestsMs: timeoutMs * 0.4, flushMs: timeoutMs * 0.1, drainTimeoutMs: timeoutMs * 0.6 };
}

interface Server {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Stops listening, gives requests their time, then has the queue answer those that still wait for the log: they get
 * their 503 while there is a connection to send it on.
 */
export function serving(
  server: Server,
  queue: Pick<MessageQueue, 'close'>,
  clock: Clock,
  { requestsMs, flushMs }: StopBudget,
): Component {
  return {
    name: 'http',
    start: () => server.start().catch(explainListening),
    stop: async () => {
      const drained = server.stop();
      await settledWithin(clock, requestsMs, drained);
      await queue.close(flushMs);
      await drained;
    },
  };
}

function explainListening(error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE' || code === 'EACCES')
    throw new SettingsError('PORT', `cannot be listened on (${message})`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    throw new SettingsError('HOST', `cannot be listened on (${message})`);
  }
  throw error;
}

/** Stops fetching, waits for writes under way, commits, leaves the groups. */
export function delivery(engine: Pick<DeliveryEngine, 'start' | 'stop'>): Component {
  return { name: 'delivery', start: () => engine.start(), stop: () => engine.stop() };
}

/** Refused sends and delivery are over by now: what still waits here is recorded again when its record comes again. */
export function deadLetters(queue: Pick<MessageQueue, 'close'>, { flushMs }: StopBudget): Component {
  return { name: 'dead letters', stop: () => queue.close(flushMs) };
}
