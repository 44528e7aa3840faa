/** A broken rule of the domain. `code` is stable and kebab-case: callers and clients may rely on it. */
export abstract class DomainError extends Error {
  abstract readonly code: string;

  override get name(): string {
    return this.constructor.name;
  }
}
