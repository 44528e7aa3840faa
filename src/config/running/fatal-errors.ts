/** Collects errors that adapters cannot recover from by waiting, at start or later. The first one ends the program. */
export class FatalErrors {
  private handler: ((error: Error) => void) | undefined;
  private first: Error | undefined;

  readonly report = (error: Error): void => {
    if (this.first !== undefined) return;
    this.first = error;
    this.handler?.(error);
  };

  /** Sets the handler, which is called once: at once if an error was already reported. */
  handle(handler: (error: Error) => void): void {
    this.handler = handler;
    if (this.first !== undefined) handler(this.first);
  }
}
