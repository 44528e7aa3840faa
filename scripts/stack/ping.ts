import { Kafka, logLevel, type Admin, type PartitionMetadata } from 'kafkajs';
import mongoose from 'mongoose';

const { MongoClient } = mongoose.mongo;

/** Resolves when the broker answers and its metadata names a broker. */
export async function pingKafka(address: string): Promise<void> {
  if ((await brokerIds(address)).length === 0) throw new Error('no broker yet');
}

/** The ids of the live brokers, according to the broker at `address`. */
export function brokerIds(address: string): Promise<readonly number[]> {
  return withAdmin(address, async (admin) => {
    const { brokers } = await admin.describeCluster();
    return brokers.map(({ nodeId }) => nodeId);
  });
}

/** A topic's partitions, according to the broker at `address`. Rejects while one of them has no leader. */
export function partitionsOf(address: string, topic: string): Promise<readonly PartitionMetadata[]> {
  return withAdmin(address, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions ?? [];
  });
}

async function withAdmin<T>(address: string, use: (admin: Admin) => Promise<T>): Promise<T> {
  const retry = { retries: 0 };
  const kafka = new Kafka({
    clientId: 'stack',
    brokers: [address],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 3_000,
    retry,
  });
  const admin = kafka.admin({ retry });
  try {
    await admin.connect();
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

const options = { directConnection: true, serverSelectionTimeoutMS: 1_000, connectTimeoutMS: 1_000 };

/** Resolves when the server answers; with `primary`, when it accepts writes. */
export async function pingMongo(address: string, primary = false): Promise<void> {
  const hello = await fetchHello(address);
  if (primary && !hello.isWritablePrimary) throw new Error('not the primary yet');
}

export interface Hello {
  readonly isWritablePrimary: boolean;
  readonly secondary: boolean;
  /** Present on a primary. Each later election has a greater id, compared as text. */
  readonly electionId: string;
}

/** Asks a node for its role in the replica set. */
export async function fetchHello(address: string): Promise<Hello> {
  const client = new MongoClient(address, options);
  try {
    const hello = await client.db('admin').command({ hello: 1 });
    return {
      isWritablePrimary: hello['isWritablePrimary'] === true,
      secondary: hello['secondary'] === true,
      electionId: String(hello['electionId'] ?? ''),
    };
  } finally {
    await client.close();
  }
}

export interface ElectionSettings {
  readonly electionTimeoutMillis: number;
  readonly heartbeatTimeoutSecs: number;
}

/** Initiates a replica set of several nodes, which then elect a primary. */
export async function initiateMembers(
  address: string,
  hosts: readonly string[],
  settings: ElectionSettings,
): Promise<void> {
  const client = new MongoClient(address, options);
  try {
    const members = hosts.map((host, id) => ({ _id: id, host }));
    await client.db('admin').command({ replSetInitiate: { _id: 'rs0', members, settings } });
  } finally {
    await client.close();
  }
}

/** Changes the election settings of a replica set, through its primary. */
export async function changeElectionSettings(address: string, changed: ElectionSettings): Promise<void> {
  const client = new MongoClient(address, options);
  try {
    const admin = client.db('admin');
    const response = await admin.command({ replSetGetConfig: 1 });
    const config = response['config'] as { readonly version: number; readonly settings: object };
    const settings = { ...config.settings, ...changed };
    await admin.command({ replSetReconfig: { ...config, settings, version: config.version + 1 } });
  } finally {
    await client.close();
  }
}

/** Initiates a replica set of one node, unless it has one, and creates an administrator. */
export async function initiateReplicaSet(
  address: string,
  host: string,
  admin?: { user: string; password: string },
): Promise<void> {
  const client = new MongoClient(address, options);
  try {
    const db = client.db('admin');
    const config = { _id: 'rs0', members: [{ _id: 0, host }] };
    const hello = await db.command({ hello: 1 });
    if (hello['setName'] === undefined) await db.command({ replSetInitiate: config });
    await waitForPrimary(() => db.command({ hello: 1 }));
    if (admin) await db.command({ createUser: admin.user, pwd: admin.password, roles: ['root'] });
  } finally {
    await client.close();
  }
}

async function waitForPrimary(hello: () => Promise<Record<string, unknown>>): Promise<void> {
  for (let attemptsLeft = 100; attemptsLeft > 0; attemptsLeft -= 1) {
    if ((await hello())['isWritablePrimary'] === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the node did not become primary in time');
}
