import type { FeedTopic } from '../../../application/ports/record-feed.js';

type Listener = (topic: FeedTopic['topic'], partition: number) => void;

/** Notifies the feed of appends to a partition. */
export class LogNews {
  private readonly listeners = new Set<Listener>();

  notify(topic: FeedTopic['topic'], partition: number): void {
    for (const listener of this.listeners) listener(topic, partition);
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
