type Close = () => Promise<unknown>;

/** Resources that are always closed, in reverse order. */
export class Resources {
  private readonly closes = new Set<Close>();
  private closing: Promise<void> | undefined;

  /** Adds a resource. If the resources are already being closed, closes this one too and throws. */
  add<T>(resource: T, close: (resource: T) => Promise<unknown>): T {
    const closeResource = (): Promise<unknown> => close(resource);
    if (this.closing) {
      void closeResource().catch(() => undefined);
      throw new Error('The run is ending.');
    }
    this.closes.add(closeResource);
    return resource;
  }

  /** Runs `work` with resources of its own, which are closed when it ends. */
  async within<T>(work: (resources: Resources) => Promise<T>): Promise<T> {
    const resources = new Resources();
    const close = (): Promise<void> => resources.close();
    this.add(resources, close);
    try {
      return await work(resources);
    } finally {
      await close();
      for (const entry of this.closes) if (entry === close) this.closes.delete(entry);
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
