import type { CampaignResult } from './campaign.js';
import type { FinalState, History, Violation } from './history.js';
import type { TortureOptions } from './options.js';

const MAX_VIOLATIONS = 20;
const CONTEXT_ROWS = 5;

/** Formats the result of a campaign as a Markdown table. */
export function table(
  { history, final, faults, ...result }: CampaignResult,
  options: TortureOptions,
): string {
  const { sends, views, actions, bulkReplays } = history;
  const count = (outcome: string): number => sends.filter((send) => send.outcome === outcome).length;
  const stored = [...final.inboxes.values()].reduce((sum, rows) => sum + rows.length, 0);
  const read = views.reduce((sum, { rows }) => sum + rows.length, 0);
  const rows: [string, string | number][] = [
    ['seed, seconds of faults', `${String(options.seed)}, ${(result.faultsMs / 1_000).toFixed(0)}`],
    ['acknowledged', count('accepted')],
    [
      'unknown, not sent, rejected',
      `${String(count('unknown'))}, ${String(count('not-sent'))}, ${String(count('rejected'))}`,
    ],
    ['stored', stored],
    ['failures, by state', byState(final)],
    ['operator actions, bulk replays', `${String(actions.length)}, ${String(bulkReplays)}`],
    ['rows received by readers', read],
    ['sends aborted by their client', result.abortedSends],
    ...[...faults].sort(([a], [b]) => a.localeCompare(b)).map(durations),
    ['unexpected exits of a program', result.unexpectedExits],
    ['settled after the last fault', `${(result.settledAfterMs / 1_000).toFixed(0)} s`],
    ['violations', result.violations.length],
  ];
  return [
    '| what | count |',
    '|---|---|',
    ...rows.map(([what, value]) => `| ${what} | ${String(value)} |`),
  ].join('\n');
}

function durations([name, lasted]: readonly [string, readonly number[]]): [string, string] {
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  const range = `${seconds(Math.min(...lasted))} to ${seconds(Math.max(...lasted))} s`;
  return [name, `${String(lasted.length)}, each ${range}`];
}

/** Describes the first violations, each with what is known about its inbox. */
export function explain({ violations, history, final }: CampaignResult): string {
  const shown = violations.slice(0, MAX_VIOLATIONS).map((violation) => describe(violation, history, final));
  const hidden = violations.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`and ${String(hidden)} more`] : [])].join('\n');
}

function describe({ rule, inbox, detail }: Violation, { sends }: History, { inboxes }: FinalState): string {
  const heading = `${rule}${inbox === undefined ? '' : ` in ${inbox}`}: ${detail}`;
  if (inbox === undefined) return heading;
  const rows = inboxes.get(inbox) ?? [];
  const at = rows.findIndex(({ text }) => mentions(detail, text));
  const context =
    at < 0 ? rows.slice(-CONTEXT_ROWS) : rows.slice(Math.max(0, at - CONTEXT_ROWS), at + CONTEXT_ROWS);
  const sent = sends.filter(({ to, text }) => to === inbox && mentions(detail, text)).slice(0, 3);
  return [
    heading,
    ...sent.map((send) => `    sent ${JSON.stringify(send)}`),
    ...context.map((row) => `    row  ${JSON.stringify(row)}`),
  ].join('\n');
}

/**
 * Reports whether the detail names the text. Texts end with a number: "message 12" does not name "message 1".
 */
function mentions(detail: string, text: string): boolean {
  const at = detail.indexOf(text);
  return at >= 0 && !/\d/.test(detail.charAt(at + text.length));
}

function byState({ failures }: FinalState): string {
  const counts = new Map<string, number>();
  for (const { state, resolution } of failures.values()) {
    const name = resolution ?? state;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${String(count)} ${name}`).join(', ') || 'none';
}
