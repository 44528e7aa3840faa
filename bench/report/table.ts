import type { MeasuredRow } from './rows.js';
import { rounded } from './statistics.js';

const HEADINGS = ['', 'value', 'p50 ms', 'p99 ms', 'CPU µs', 'peak MB', 'ratio', 'target', 'met'];

/** Formats the rows as a table. CPU is per message, in the process that answers or stores. */
export function tableOf(rows: readonly MeasuredRow[]): string {
  const lines = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  return lines
    .map((cells) => cells.map((cell, column) => padded(cell, widths[column] ?? 0, column === 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

function cellsOf({ row, sample }: MeasuredRow): string[] {
  const { p50, p99, cpuMicrosPerMessage, peakMegabytes } = sample;
  return [
    row.name,
    `${figure(row.value)} ${row.unit}`,
    ...[p50, p99, cpuMicrosPerMessage, peakMegabytes].map(figure),
    row.ratio === null ? '' : `${row.ratio} of ${shortName(row.ratioTo)}`,
    row.target ?? '',
    row.met === null ? '' : row.met ? 'yes' : 'NO',
  ];
}

const MAX_NAME_LENGTH = 26;

/** The beginning of a name, short enough for the table. */
function shortName(name: string | null): string {
  const [kind = '', ...rest] = (name ?? '').split(/[:,] /);
  const short = kind === 'limit' ? (rest[0] ?? '') : kind;
  return short.length > MAX_NAME_LENGTH ? `${short.slice(0, MAX_NAME_LENGTH - 1)}…` : short;
}

function figure(value: number | undefined): string {
  return value === undefined ? '' : rounded(value).toLocaleString('en-US');
}

function padded(cell: string, width: number, alignLeft: boolean): string {
  return alignLeft ? cell.padEnd(width) : cell.padStart(width);
}
