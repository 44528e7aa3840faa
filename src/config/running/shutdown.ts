import type { Clock } from '../../application/ports/clock.js';
import { settledWithin } from '../../application/timing.js';
import type { MessageQueue } from '../../application/ports/record-log.js';
import { SettingsError } from '../settings/settings-error.js';
import type { Component } from './lifecycle.js';

/** Divides the shutdown timeout between the steps, so that the last ones have time left. */
export interface StopBudget {
  /** For open requests to finish. */
  readonly requestsMs: number;
  /** For the queue to flush to the log. */
  readonly flushMs: number;
  /** The time from the beginning of the stop after which remaining connections are closed. */
  readonly drainTimeoutMs: number;
}

export function stopBudget(timeoutMs: number): StopBudget {
  return { requestsMs: timeoutMs * 0.4, flushMs: timeoutMs * 0.1, drainTimeoutMs: timeoutMs * 0.6 };
}

interface Server {
  probe(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Fails the start if the server cannot listen on its address, before anything else is started and logs lines. The
 * server itself listens last.
 */
export function addressCheck(server: Pick<Server, 'probe'>): Component {
  return { name: 'address check', start: () => server.probe().catch(explainListening) };
}

/**
 * The HTTP server and its send queue. Stopping stops listening, lets requests finish, and then closes the queue, so
 * that requests that still wait for the log get a 503 before their connections are closed.
 */
export function serving(
  server: Omit<Server, 'probe'>,
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
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE' || code === 'EACCES')
    throw new SettingsError('PORT', `cannot be listened on (${message})`);
  // The system rejects the address, or the name server does not know it or does not answer.
  if (syscall !== undefined) throw new SettingsError('HOST', `cannot be listened on (${message})`);
  throw error;
}

/**
 * The queue of dead letters, closed after HTTP and delivery. If a dead letter is lost here, its record is redelivered.
 */
export function deadLetters(queue: Pick<MessageQueue, 'close'>, { flushMs }: StopBudget): Component {
  return { name: 'dead letters', stop: () => queue.close(flushMs) };
}
