import type { LocalServer } from './local-server.js';

/** A cluster of local servers. Each node can be stopped, killed and paused separately. */
export abstract class LocalCluster<Node extends LocalServer> {
  protected constructor(readonly nodes: readonly Node[]) {}

  /** The address of all nodes, for clients. */
  abstract get address(): string;

  /** Resolves when every node is part of the cluster, for example after a restart of a node. */
  abstract waitUntilComplete(): Promise<void>;

  /** Forms the cluster from its running nodes. Called once, after the first start. */
  protected form(): Promise<void> {
    return Promise.resolve();
  }

  /** Starts all nodes. If one does not start, stops all of them, removes their data and rejects. */
  async start(): Promise<void> {
    try {
      await Promise.all(this.nodes.map((node) => node.start()));
      await this.form();
      await this.waitUntilComplete();
    } catch (error) {
      await this.remove();
      throw error;
    }
  }

  /** Stops every node, including paused ones, and removes its data. */
  async remove(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.remove()));
  }
}
