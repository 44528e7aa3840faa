import type { LocalServer } from './local-server.js';

/** Several servers that are one to their clients. Each node can also be stopped, killed and paused alone. */
export abstract class LocalCluster<Node extends LocalServer> {
  protected constructor(readonly nodes: readonly Node[]) {}

  /** What clients connect to: all nodes. */
  abstract get address(): string;

  /** Resolves when every node takes part; also after a node was brought back. */
  abstract untilComplete(): Promise<void>;

  /** Makes one cluster of nodes that answer. Called once, after the first start. */
  protected form(): Promise<void> {
    return Promise.resolve();
  }

  /** Starts all nodes. If one does not come up, ends them all, removes their data and rejects. */
  async start(): Promise<void> {
    try {
      await Promise.all(this.nodes.map((node) => node.start()));
      await this.form();
      await this.untilComplete();
    } catch (error) {
      await this.remove();
      throw error;
    }
  }

  /** Ends every node, also a paused one, and removes its data. */
  async remove(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.remove()));
  }
}
