import type { Clock } from '../../application/ports/clock.js';
import type { Logger } from '../../application/ports/telemetry.js';

/** A part of the program that is started and stopped. `stop` may be called even if `start` failed. */
export interface Component {
  readonly name: string;
  start?(): Promise<void> | void;
  stop?(): Promise<void> | void;
}

/** A component that starts and stops one part of the program. */
export function component(name: string, part: Required<Omit<Component, 'name'>>): Component {
  return { name, start: () => part.start(), stop: () => part.stop() };
}

export type Ending = 'stopped' | 'timed-out';

/** Starts components in order, and stops those that were started in reverse order. */
export class Lifecycle {
  private readonly running: Component[] = [];
  private stopping: Promise<Ending> | undefined;
  private starting: Promise<void> = Promise.resolve();

  constructor(
    private readonly components: readonly Component[],
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly stopTimeoutMs: number,
    /** Aborted when the stop begins. */
    private readonly stopSignal = new AbortController(),
  ) {}

  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  /**
   * Rejects with the error of the first component that fails, after stopping it and the components started before it.
   */
  async start(): Promise<void> {
    for (const component of this.components) {
      if (this.isStopping) return;
      this.running.push(component);
      this.starting = startOf(component);
      try {
        await this.starting;
      } catch (error) {
        await this.stop();
        throw error;
      }
    }
  }

  /** Never rejects. A second call returns the same promise. Components that hang are abandoned after the timeout. */
  stop(): Promise<Ending> {
    this.stopping ??= this.stopWithin(this.stopTimeoutMs);
    this.stopSignal.abort();
    return this.stopping;
  }

  private stopWithin(timeoutMs: number): Promise<Ending> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(timeoutMs, () => {
        this.logger.error('program.stop-timed-out', { waitingFor: this.running.at(-1)?.name });
        resolve('timed-out');
      });
      void this.stopAll().then(() => {
        cancel();
        resolve('stopped');
      });
    });
  }

  private async stopAll(): Promise<void> {
    // If a component is still starting, wait for that before stopping it.
    await this.starting.catch(() => undefined);
    for (let component = this.running.at(-1); component !== undefined; component = this.running.at(-1)) {
      try {
        await component.stop?.();
      } catch (error) {
        this.logger.error('program.component-stop-failed', { component: component.name, error });
      }
      this.running.pop();
    }
  }
}

async function startOf(component: Component): Promise<void> {
  await component.start?.();
}
