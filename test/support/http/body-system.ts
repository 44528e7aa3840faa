import { BodyMemory } from '../../../src/adapters/http/server/bodies/body-memory.js';
import { RequestBodies } from '../../../src/adapters/http/server/bodies/request-bodies.js';
import { eventually } from '../eventually.js';
import { FakeClock } from '../fake-clock.js';
import { HttpClient } from './http-client.js';
import { HttpSystem } from './http-system.js';
import { RawConnection } from './raw-connection.js';
import { DeferredLog } from '../recorders.js';

export const BODY_MEMORY = 40_000;
export const RESERVED_FOR_SENDS = 10_000;

/** A system with little memory for bodies, and a separate clock for them that stands still. */
export class BodySystem {
  readonly log = new DeferredLog();
  readonly clock = new FakeClock();
  readonly memory = new BodyMemory(BODY_MEMORY, BODY_MEMORY - RESERVED_FOR_SENDS);
  private readonly system: HttpSystem;
  private readonly connections: RawConnection[] = [];

  constructor() {
    const bodies = new RequestBodies(this.memory, this.clock);
    this.system = new HttpSystem({ messageLog: this.log, bodies });
  }

  get client(): HttpClient {
    return new HttpClient(this.system.baseUrl);
  }

  async start(): Promise<this> {
    await this.system.start();
    return this;
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.close();
    await this.system.close();
  }

  async connection(): Promise<RawConnection> {
    const opened = await RawConnection.open(this.system.server.port);
    this.connections.push(opened);
    return opened;
  }

  waitForBytes(bytes: number): Promise<void> {
    return eventually(
      () => this.memory.bytes === bytes,
      () => String(this.memory.bytes),
    );
  }

  waitForAppend(): Promise<void> {
    return eventually(() => this.log.appends.length > 0);
  }

  /** Sends this many bytes of a body, without its last one. */
  async hold(path: string, bytes: number): Promise<RawConnection> {
    const before = this.memory.bytes;
    const connection = await this.connection();
    connection.post(path, { 'content-length': bytes + 1 });
    connection.write(' '.repeat(bytes));
    await this.waitForBytes(before + bytes);
    return connection;
  }

  async fill(): Promise<void> {
    await this.hold('/send-messages', BODY_MEMORY - RESERVED_FOR_SENDS);
    await this.hold('/send-message', RESERVED_FOR_SENDS);
  }

  /** Long enough for a response in flight. */
  async pause(): Promise<void> {
    for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
