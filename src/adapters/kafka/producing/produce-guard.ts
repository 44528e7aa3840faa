const PRODUCE = 0;
/** After the four bytes of the request's size. https://kafka.apache.org/protocol.html#protocol_messages */
const API_KEY_OFFSET = 4;

/** Records whether a produce request was sent, and can block further ones. */
export class ProduceGuard {
  private out = false;
  private sealed = false;

  /** Whether a produce request was handed to the network since the last `watch`. */
  get hasProduced(): boolean {
    return this.out;
  }

  watch(): void {
    this.out = false;
  }

  seal(): void {
    this.sealed = true;
  }

  readonly mayPass = (request: Buffer): boolean => {
    const isProduce = request.length > API_KEY_OFFSET + 1 && request.readInt16BE(API_KEY_OFFSET) === PRODUCE;
    if (!isProduce) return true;
    if (!this.sealed) this.out = true;
    return !this.sealed;
  };
}
