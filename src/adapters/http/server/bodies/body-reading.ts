import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BodyMemory, BodyShare } from './body-memory.js';
import type { ArrivingBody, BodyStalls } from './body-stalls.js';
import { HttpProblem, malformedBody, RETRY_LATER } from '../problem.js';

/** The purpose of a body: one message, a batch, or anything else. */
export type BodyUse = 'send' | 'batch' | 'other';

export interface BodyRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The largest body accepted, in bytes. */
  readonly limit: number;
  readonly use?: BodyUse;
  /** If present, reading rejects with it, whatever the body contains. */
  readonly rejection?: Error | undefined;
}

/**
 * Reads one body. The rest of a rejected body is read and dropped, because a client that is still writing would not
 * read the answer. The body's share of the memory is released when the response has closed.
 */
export class BodyReading {
  /** Rejects with `HttpProblem`, or with the request's `rejection`. */
  readonly bytes: Promise<Buffer>;
  private chunks: Buffer[] = [];
  private size = 0;
  private rejection: Error | undefined;
  private readonly share: BodyShare;
  private readonly arriving: ArrivingBody;
  private resolve!: (bytes: Buffer) => void;
  private reject!: (problem: Error) => void;

  constructor(
    private readonly body: BodyRequest,
    memory: BodyMemory,
    stalls: BodyStalls,
  ) {
    const { request, limit, use } = body;
    this.share = memory.open(use === 'send' ? 'send' : 'other');
    this.arriving = stalls.watch(() => {
      this.fail(STALLED);
    });
    this.bytes = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.listen();
    if (Number(request.headers['content-length'] ?? 0) > limit) this.rejectWith(tooLarge(limit));
  }

  /**
   * Rejects the body. If the answer closes the connection, the rejection waits for the end of the body: a client that
   * is still writing would not read the answer.
   */
  rejectWith(problem: Error): void {
    if (this.body.response.shouldKeepAlive) this.fail(problem);
    else this.drop(problem);
  }

  private listen(): void {
    const { request, response } = this.body;
    request.on('data', (chunk: Buffer) => {
      this.add(chunk);
    });
    request.on('end', () => {
      this.end();
    });
    // The client is gone and gets no answer, but this must not be logged as a defect.
    request.on('error', () => {
      this.fail(malformedBody('The body ended early.'));
    });
    response.once('close', () => {
      this.share.release();
    });
  }

  private add(chunk: Buffer): void {
    this.arriving.moved();
    if (this.rejection) return;
    const { limit, use = 'other' } = this.body;
    this.size += chunk.length;
    if (this.size > limit) this.rejectWith(tooLarge(limit));
    else if (this.share.take(chunk.length)) this.chunks.push(chunk);
    else this.rejectWith(MEMORY_FULL[use]);
  }

  private end(): void {
    this.arriving.end();
    if (this.rejection) {
      this.reject(this.rejection);
      return;
    }
    const [first] = this.chunks;
    this.resolve(this.chunks.length === 1 && first ? first : Buffer.concat(this.chunks));
    // The request keeps its listeners, and so this object, in memory until it is answered.
    this.chunks = [];
  }

  /** Rejects at once. The first problem is the answer; later ones are ignored. */
  private fail(problem: Error): void {
    this.drop(problem);
    this.arriving.end();
    this.reject(this.rejection ?? problem);
  }

  private drop(problem: Error): void {
    this.rejection ??= problem;
    this.chunks = [];
    this.share.release();
  }
}

const STALLED = new HttpProblem({
  status: 408,
  code: 'body-timeout',
  detail: 'No more of the body came for 10 seconds.',
  headers: { connection: 'close' },
});

// Created once: under overload, creating errors would be most of the work.
const MEMORY_FULL: Readonly<Record<BodyUse, HttpProblem>> = {
  send: memoryFull({ outcome: 'not-sent' }),
  batch: memoryFull({ outcome: 'not-sent' }),
  other: memoryFull({}),
};

function memoryFull(members: Readonly<Record<string, unknown>>): HttpProblem {
  const detail = 'Too many request bodies are being handled at the moment. This one was dropped.';
  return new HttpProblem({ status: 503, code: 'body-memory-full', detail, members, headers: RETRY_LATER });
}

function tooLarge(limit: number): HttpProblem {
  const detail = `The body is larger than ${String(limit)} bytes.`;
  return new HttpProblem({ status: 413, code: 'body-too-large', detail });
}
