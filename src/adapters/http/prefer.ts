import { WAIT_MAX_S } from './inbox-request.js';

const WAIT = /(?:^|,)\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:[;,]|$)/i;

/** How long a client prefers to wait for the outcome, in seconds (RFC 7240, 4.3); what is malformed is no preference. */
export function preferredWait(header: string | string[] | undefined): number | undefined {
  const seconds = header === undefined ? undefined : WAIT.exec(String(header))?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds), WAIT_MAX_S);
}
