/** A variable prevents the start. The message is one line that begins with the variable's name. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(
    readonly variable: string,
    problem: string,
  ) {
    super(`${variable} ${problem}`);
  }
}

/** Several variables prevent the start. The message has one line for each. */
export class SettingsErrors extends Error {
  override readonly name = 'SettingsErrors';

  constructor(errors: readonly SettingsError[]) {
    super(errors.map(({ message }) => message).join('\n'));
  }
}

/** Reports whether the error is about variables, so that its text needs no introduction. */
export function isAboutSettings(error: unknown): error is SettingsError | SettingsErrors {
  return error instanceof SettingsError || error instanceof SettingsErrors;
}

/** Collects what is wrong with the variables, at most one problem of each. */
export class SettingsProblems {
  private readonly errors = new Map<string, SettingsError>();

  add(error: SettingsError): void {
    if (!this.errors.has(error.variable)) this.errors.set(error.variable, error);
  }

  has(variable: string): boolean {
    return this.errors.has(variable);
  }

  /**
   * Returns the result of `work`. Returns undefined if one of the variables that it depends on already has a problem,
   * which may be the cause of another one, or if it throws a `SettingsError`, which is collected.
   */
  attempt<T>(variables: readonly string[], work: () => T): T | undefined {
    if (variables.some((variable) => this.has(variable))) return undefined;
    try {
      return work();
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      this.add(error);
      return undefined;
    }
  }

  /** Returns the collected problems as one error; undefined if there are none. */
  error(): SettingsError | SettingsErrors | undefined {
    const errors = [...this.errors.values()];
    return errors.length > 1 ? new SettingsErrors(errors) : errors[0];
  }
}
