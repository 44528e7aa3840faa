import type { LogFields, Logger } from '../../src/application/ports/telemetry.js';

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: LogFields;
}

/** Records log lines. */
export class RecordingLogger implements Logger {
  readonly lines: LoggedLine[] = [];

  isDebugEnabled(): boolean {
    return true;
  }

  debug(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'debug', event, fields });
  }

  info(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', event, fields });
  }

  warn(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', event, fields });
  }

  error(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', event, fields });
  }

  events(): string[] {
    return this.lines.map(({ event }) => event);
  }
}
