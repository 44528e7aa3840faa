/**
 * Runs work with a common name one after another, in the order of the calls. Transactions of one process that would
 * conflict wait here instead: the server has no queue for them, and the last winner would tend to win again.
 */
export class KeyedMutex {
  private readonly last = new Map<string, Promise<unknown>>();

  run<T>(names: Iterable<string>, work: () => Promise<T>): Promise<T> {
    const own = new Set(names);
    const before = [...own].flatMap((name) => this.last.get(name) ?? []);
    const result = Promise.all(before).then(work);
    const done = result.catch(() => undefined);
    for (const name of own) this.last.set(name, done);
    void done.then(() => {
      for (const name of own) if (this.last.get(name) === done) this.last.delete(name);
    });
    return result;
  }
}
