type Close = () => Promise<unknown>;

/** Resources that are always closed, in reverse order. */
export class Resources {
  private readonly closes = new Set<Close>();
  private closing: Promise<void> | undefined;

  /** Adds a resource. Throws if the resources are being closed already, and then closes this one too. */
  add<T>(thing: T, close: (thing: T) => Promise<unknown>): T {
    const closeIt = (): Promise<unknown> => close(thing);
    if (this.closing) {
      void closeIt().catch(() => undefined);
      throw new Error('The run is ending.');
    }
    this.closes.add(closeIt);
    return thing;
  }

  /** Runs `work` with resources of its own, which are closed when it ends. */
  async within<T>(work: (own: Resources) => Promise<T>): Promise<T> {
    const own = new Resources();
    const close = (): Promise<void> => own.close();
    this.add(own, close);
    try {
      return await work(own);
    } finally {
      await close();
      for (const each of this.closes) if (each === close) this.closes.delete(each);
    }
  }

  /** Never rejects. May be called twice. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    for (const close of [...this.closes].reverse()) await close().catch(() => undefined);
    this.closes.clear();
  }
}
