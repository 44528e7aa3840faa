import { randomBytes } from 'node:crypto';
import { OpenApi } from './http-openapi.js';

export interface Sendable {
  readonly from?: unknown;
  readonly to?: unknown;
  readonly message?: unknown;
}

export interface MessageRow {
  readonly _id: string;
  readonly from: string;
  readonly to: string;
  readonly message: string;
  readonly send_time: string;
  readonly __v: number;
}

export interface FailureRow extends MessageRow {
  readonly reason: string;
  readonly failedAt: string;
  readonly code: string;
  readonly state: string;
}

export interface TextResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const TIMEOUT_MS = 15_000;

/** A name that no other test uses: suites share one running system. */
export function aClient(role = 'client'): string {
  return `${role}-${randomBytes(6).toString('hex')}`;
}

const DESCRIPTION = new OpenApi();
/** For access control, which the description does not have because the program cannot turn it on yet. */
export const UNDESCRIBED: Description = { problemWith: () => undefined };

type Description = Pick<OpenApi, 'problemWith'>;

/** Talks to a running system only by HTTP. Rejects if a response differs from the description, by default docs/openapi.yaml. */
export class HttpClient {
  constructor(
    private readonly baseUrl: string,
    private readonly description: Description = DESCRIPTION,
  ) {}

  async request(path: string, init: RequestInit = {}): Promise<TextResponse> {
    const response = await fetch(new URL(path, this.baseUrl), init);
    const { method = 'GET' } = init;
    const { status, headers } = response;
    const answer = { method, path, status, headers, text: await response.text() };
    const problem = this.description.problemWith(answer);
    if (problem === undefined) return answer;
    throw new Error(`${method} ${path}, ${status}: ${problem}\n${answer.text}`);
  }

  url(path: string): string {
    return new URL(path, this.baseUrl).href;
  }

  send(body: Sendable, headers: Record<string, string> = {}): Promise<TextResponse> {
    return this.post(JSON.stringify(body), headers);
  }

  post(body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}): Promise<TextResponse> {
    const allHeaders = { 'content-type': 'application/json', ...headers };
    return this.request('/send-message', { method: 'POST', headers: allHeaders, body });
  }

  /** The rows of a list; any status but 200 is an error. */
  async rows<T = MessageRow>(path: string): Promise<T[]> {
    const { status, text } = await this.request(path);
    if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`);
    return JSON.parse(text) as T[];
  }

  /** The rows of a list as soon as there are this many: accepted messages are stored soon, not at once. */
  async waitForRows<T = MessageRow>(path: string, count: number): Promise<T[]> {
    const deadline = Date.now() + TIMEOUT_MS;
    for (;;) {
      const rows = await this.rows<T>(path);
      if (rows.length >= count) return rows;
      if (Date.now() > deadline) throw new Error(`${path} has ${rows.length} rows, not ${count}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export function idIn({ headers }: TextResponse): string {
  return headers.get('location')?.replace('/messages/', '') ?? '';
}
