import { randomBytes } from 'node:crypto';
import { pingMongo } from './ping.js';
import { docker, DockerServer } from './docker-server.js';
import { freePort } from './free-port.js';
import { MONGODB_IMAGE } from './images.js';
import { ADMIN, asAdmin, type MongoOptions, type MongoServer } from './server.js';

const MONGOD = 'exec mongod --bind_ip_all --wiredTigerCacheSizeGB 0.5';
const REPLICA_SET = `${MONGOD} --replSet rs0 --oplogSize 256`;
const WITH_KEY = `printf %s "$KEY" > /tmp/key && chmod 400 /tmp/key && ${REPLICA_SET} --keyFile /tmp/key`;

const INITIATE = `
if (!db.hello().setName) rs.initiate({ _id: 'rs0', members: [{ _id: 0, host: 'localhost:27017' }] });
for (let left = 100; !db.hello().isWritablePrimary; left -= 1) { if (left === 0) quit(1); sleep(100); }`;
const CREATE_ADMIN = `
db.getSiblingDB('admin').createUser({ user: '${ADMIN.user}', pwd: '${ADMIN.password}', roles: ['root'] });`;

/** One MongoDB node in a container. */
export class DockerMongo extends DockerServer implements MongoServer {
  private initiated = false;

  private constructor(
    port: number,
    private readonly options: MongoOptions,
  ) {
    super(`postrider-test-mongodb-${port}`, port);
  }

  static async create(options: MongoOptions = {}): Promise<DockerMongo> {
    return new DockerMongo(options.port ?? (await freePort()), options);
  }

  get address(): string {
    return `mongodb://127.0.0.1:${this.port}`;
  }

  get adminAddress(): string {
    return asAdmin(this.address, this.options);
  }

  protected async ping(): Promise<void> {
    const isReplicaSet = this.options.replicaSet !== false;
    if (isReplicaSet && !this.initiated) {
      // Runs inside the container, because MongoDB allows only localhost to create the first user.
      const script = this.options.auth ? INITIATE + CREATE_ADMIN : INITIATE;
      await docker('exec', this.name, 'mongosh', '--quiet', '--eval', script);
      this.initiated = true;
    }
    await pingMongo(this.adminAddress, isReplicaSet);
  }

  protected runArgs(): readonly string[] {
    const args = ['-p', `127.0.0.1:${this.port}:27017`];
    if (this.options.auth) {
      const key = randomBytes(96).toString('base64');
      return [...args, '-e', `KEY=${key}`, MONGODB_IMAGE, 'bash', '-c', WITH_KEY];
    }
    const command = this.options.replicaSet === false ? MONGOD : REPLICA_SET;
    const parameters = this.options.testCommands ? ' --setParameter enableTestCommands=1' : '';
    return [...args, MONGODB_IMAGE, 'bash', '-c', command + parameters];
  }
}
