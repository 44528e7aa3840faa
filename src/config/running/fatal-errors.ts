/** Where adapters report what no waiting can mend, at start or later. The first report ends the program. */
export class FatalErrors {
  private handler: ((error: Error) => void) | undefined;
  private first: Error | undefined;

  readonly report = (error: Error): void => {
    if (this.first !== undefined) return;
    this.first = error;
    this.handler?.(error);
  };

  /** Called once, at once if something was reported before. */
  handle(handler: (error: Error) => void): void {
    this.handler = handler;
    if (this.first !== undefined) handler(this.first);
  }
}
