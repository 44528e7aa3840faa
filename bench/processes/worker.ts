import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Reply, Call, Tasks } from './serve.js';

type Input<T extends Tasks, K extends keyof T> = Parameters<T[K]>[0];
type Output<T extends Tasks, K extends keyof T> = Awaited<ReturnType<T[K]>>;

interface PendingCall {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

const CALL_TIMEOUT_MS = 600_000;

/** The parent's side of a worker process. The worker ends with its parent. */
export class Worker<T extends Tasks> {
  private readonly pending = new Map<number, PendingCall>();
  private readonly ended: Promise<void>;
  private lastId = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (reply: Reply) => this.handleReply(reply));
    this.ended = new Promise((resolve) => {
      child.once('exit', () => {
        for (const { reject } of this.pending.values()) reject(new Error('The worker has ended.'));
        resolve();
      });
    });
  }

  /** `file` is relative to bench/. */
  static start<T extends Tasks>(file: string): Worker<T> {
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
    return new Worker<T>(fork(path, { execArgv: ['--import', 'tsx'] }));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Runs a task in the worker. Rejects with the task's error, or if the worker ends or takes too long. */
  async call<K extends keyof T & string>(task: K, input: Input<T, K>): Promise<Output<T, K>> {
    const id = (this.lastId += 1);
    const reply = new Promise<unknown>((resolve, reject) => this.pending.set(id, { resolve, reject }));
    const timer = setTimeout(
      () => this.handleReply({ id, error: `${task} has not ended after ${CALL_TIMEOUT_MS / 1_000} s` }),
      CALL_TIMEOUT_MS,
    );
    const call: Call = { id, task, input };
    this.child.send(call);
    try {
      return (await reply) as Output<T, K>; // The types of the tasks ensure this.
    } finally {
      clearTimeout(timer);
      this.pending.delete(id);
    }
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  private handleReply(reply: Reply): void {
    const { resolve, reject } = this.pending.get(reply.id) ?? {};
    if ('error' in reply) reject?.(new Error(reply.error));
    else resolve?.(reply.output);
  }
}
