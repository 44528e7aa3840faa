import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pingMongo, initiateReplicaSet } from './ping.js';
import { exists } from './cache.js';
import { freePort } from './free-port.js';
import { LocalServer, serverFolder } from './local-server.js';
import { mongodBinary } from './mongod-binary.js';
import { ADMIN, asAdmin, type MongoOptions, type MongoServer } from './server.js';
import { ServerProcess } from './server-process.js';

export interface LocalMongoOptions extends MongoOptions {
  /** The data folder; a temporary one if absent. */
  readonly folder?: string;
  /** The node is one of several members of a set, which the caller initiates. */
  readonly isMember?: boolean;
}

/** One MongoDB node on loopback. */
export class LocalMongo extends LocalServer implements MongoServer {
  private initiated = false;

  private constructor(
    folder: string,
    readonly port: number,
    private readonly options: LocalMongoOptions,
  ) {
    super(folder);
  }

  static async create(options: LocalMongoOptions = {}): Promise<LocalMongo> {
    const folder = await serverFolder('mongodb', options.folder);
    return new LocalMongo(folder, options.port ?? (await freePort()), options);
  }

  get address(): string {
    return `mongodb://127.0.0.1:${String(this.port)}`;
  }

  get adminAddress(): string {
    return asAdmin(this.address, this.options);
  }

  protected async launch(): Promise<ServerProcess> {
    const binary = await mongodBinary();
    const data = join(this.folder, 'data');
    await mkdir(data, { recursive: true });
    const args = ['--dbpath', data, '--port', String(this.port), '--bind_ip', '127.0.0.1', '--quiet'];
    args.push('--nounixsocket', '--wiredTigerCacheSizeGB', this.options.isMember === true ? '0.25' : '0.5');
    if (this.options.replicaSet !== false) args.push('--replSet', 'rs0', '--oplogSize', '256');
    if (this.options.testCommands) args.push('--setParameter', 'enableTestCommands=1');
    if (this.options.auth) args.push('--keyFile', await this.keyFile());
    return new ServerProcess(binary, args, this.outputFile);
  }

  protected async waitUntilReady(process: ServerProcess): Promise<void> {
    if (this.options.replicaSet === false || this.options.isMember === true) {
      await process.waitUntilReady(() => pingMongo(this.address), 30_000);
      return;
    }
    // An initiated node becomes primary by itself. With access control, only the first start can connect without a
    // user.
    if (!this.initiated) {
      const admin = this.options.auth ? ADMIN : undefined;
      await process.waitUntilReady(
        () => initiateReplicaSet(this.address, `127.0.0.1:${String(this.port)}`, admin),
        60_000,
      );
      this.initiated = true;
    }
    await process.waitUntilReady(() => pingMongo(this.adminAddress, true), 60_000);
  }

  private async keyFile(): Promise<string> {
    const file = join(this.folder, 'key');
    if (!(await exists(file))) await writeFile(file, randomBytes(96).toString('base64'), { mode: 0o400 });
    return file;
  }
}
