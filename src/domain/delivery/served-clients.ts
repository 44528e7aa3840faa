import { isClientName } from '../message-rules.js';

/** The clients that a receiver stores messages for: all, or those named. */
export class ServedClients {
  private constructor(private readonly names: ReadonlySet<string> | 'all') {}

  static readonly all = new ServedClients('all');

  static only(names: readonly string[]): ServedClients {
    return new ServedClients(new Set(names));
  }

  /** What is addressed to no valid client concerns every receiver, or nobody would record it. */
  serves(to: string): boolean {
    return this.names === 'all' || this.names.has(to) || !isClientName(to);
  }

  /** Each distinct set has one canonical form, whatever order and repetition it was written in; undefined for all. */
  get canonical(): string | undefined {
    return this.names === 'all' ? undefined : [...this.names].sort().join(',');
  }
}
