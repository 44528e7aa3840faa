import { isClientName } from '../message-rules.js';

/** The clients that a receiver stores messages for: all, or a set of names. */
export class ServedClients {
  private constructor(private readonly names: ReadonlySet<string> | 'all') {}

  static readonly all = new ServedClients('all');

  static only(names: readonly string[]): ServedClients {
    return new ServedClients(new Set(names));
  }

  /**
   * Reports whether this receiver handles messages to `to`. Every receiver handles messages without a valid
   * recipient; otherwise none would record them.
   */
  serves(to: string): boolean {
    return this.names === 'all' || this.names.has(to) || !isClientName(to);
  }

  /** The same text for every order and repetition of the same names; undefined for all clients. */
  get canonical(): string | undefined {
    return this.names === 'all' ? undefined : [...this.names].sort().join(',');
  }
}
