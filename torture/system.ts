import type { LocalKafkaCluster } from '../scripts/stack/local-kafka-cluster.js';
import type { LocalMongoSet } from '../scripts/stack/local-mongo-set.js';
import type { LocalServer } from '../scripts/stack/local-server.js';
import { newKafkaCluster, newMongoSet } from '../scripts/stack/servers.js';
import { Program } from './program.js';
import { APIS, BROKERS, NODES, PROGRAMS, RECEIVERS, SERVERS } from './schedule.js';
import type { ProgramName, ServerName } from './schedule.js';

/** The longest text that receivers accept during a campaign. Longer ones become failures for the operators. */
export const MAX_RECEIVED_LENGTH = 200;
export const DATABASE = 'torture-test';

/** The system under test: three brokers, three MongoDB nodes, two api processes and two receivers. */
export class System {
  private constructor(
    readonly kafka: LocalKafkaCluster,
    readonly mongo: LocalMongoSet,
    readonly programs: ReadonlyMap<ProgramName, Program>,
    readonly servers: ReadonlyMap<ServerName, LocalServer>,
  ) {}

  /** Starts the system. `preloads` are loaded into every program; see `planted`. */
  static async start(preloads: readonly string[]): Promise<System> {
    const [kafka, mongo] = await Promise.all([newKafkaCluster(), newMongoSet()]);
    try {
      await Promise.all([kafka.start(), mongo.start()]);
      const env = {
        ...{ KAFKA_BROKER: kafka.address, MONGODB_URI: mongo.databaseAddress(DATABASE) },
        ...{ KAFKA_PARTITIONS: '12', KAFKA_REPLICATION: '3', REPLAY_MAX: '1000' },
      };
      const programs = new Map<ProgramName, Program>();
      for (const name of APIS)
        programs.set(name, await Program.create(name, { ...env, ROLES: 'api' }, preloads));
      const receiver = { ...env, ROLES: 'receiver', MESSAGE_MAX_LENGTH: String(MAX_RECEIVED_LENGTH) };
      for (const name of RECEIVERS) programs.set(name, await Program.create(name, receiver, preloads));
      const nodes = [...kafka.nodes, ...mongo.nodes];
      const servers = new Map(SERVERS.flatMap((name, at) => (nodes[at] ? [[name, nodes[at]] as const] : [])));
      const system = new System(kafka, mongo, programs, servers);
      await Promise.all([...programs.values()].map((program) => program.start()));
      return system;
    } catch (error) {
      await Promise.all([kafka.remove(), mongo.remove()]);
      throw error;
    }
  }

  program(name: string): Program | undefined {
    return this.programs.get(name as ProgramName);
  }

  server(name: string): LocalServer | undefined {
    return this.servers.get(name as ServerName);
  }

  /** The URLs of the api processes, in the order of their names. */
  get urls(): readonly string[] {
    return APIS.flatMap((name) => this.programs.get(name)?.url ?? []);
  }

  /** Makes the receivers accept texts of every length, so that a replay can store messages that were too long. */
  async liftLengthLimit(): Promise<void> {
    for (const name of RECEIVERS) {
      const receiver = this.programs.get(name);
      receiver?.setEnv({ MESSAGE_MAX_LENGTH: '10000' });
      await receiver?.terminate();
      await receiver?.start();
    }
  }

  async remove(): Promise<void> {
    await Promise.all([...this.programs.values()].map((program) => program.kill()));
    await Promise.all([this.kafka.remove(), this.mongo.remove()]);
  }
}

export const isServer = (name: string): boolean => (SERVERS as readonly string[]).includes(name);
export const isBroker = (name: string): boolean => (BROKERS as readonly string[]).includes(name);
export const isNode = (name: string): boolean => (NODES as readonly string[]).includes(name);
export const isProgram = (name: string): boolean => (PROGRAMS as readonly string[]).includes(name);
