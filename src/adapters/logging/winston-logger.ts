import type { Writable } from 'node:stream';
import winston from 'winston';
import type { LogFields, Logger } from '../../application/ports/telemetry.js';
import { jsonLine, type LineFormat } from './json-line.js';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type WinstonLevel = (typeof LEVELS)[number];

interface Line {
  readonly level: WinstonLevel;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

// Winston's transports write the line found under this symbol (defined by the package triple-beam).
const MESSAGE = Symbol.for('message');

// One format for everything: a chain of winston's own formats takes twice the time.
const formatOf = (line: LineFormat) =>
  winston.format((info) => {
    const { level, message, fields } = info as unknown as Line;
    return Object.assign(info, { [MESSAGE]: line(new Date(), level, message, fields) });
  })();

/** Writes the lines of its level and above, by default one JSON object each. A disabled level costs one comparison. */
export class WinstonLogger implements Logger {
  private readonly winston: winston.Logger;
  private readonly rank: number;

  constructor(level: WinstonLevel, stream: Writable, line = jsonLine) {
    this.rank = LEVELS.indexOf(level);
    this.winston = winston.createLogger({
      level,
      format: formatOf(line),
      transports: [new winston.transports.Stream({ stream, eol: '\n' })],
    });
  }

  isDebugEnabled(): boolean {
    return this.rank >= LEVELS.indexOf('debug');
  }

  debug(event: string, fields?: LogFields): void {
    this.write('debug', event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.write('info', event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.write('warn', event, fields);
  }

  error(event: string, fields?: LogFields): void {
    this.write('error', event, fields);
  }

  private write(level: WinstonLevel, message: string, fields: LogFields | undefined): void {
    if (LEVELS.indexOf(level) > this.rank) return;
    const line: Line = { level, message, fields };
    this.winston.log(line);
  }
}
