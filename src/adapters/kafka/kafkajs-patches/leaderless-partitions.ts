import { createRequire } from 'node:module';

interface PartitionMetadata {
  readonly partitionErrorCode: number;
  readonly partitionId: number;
  leader: number;
}

interface TopicMetadata {
  readonly topicErrorCode: number;
  readonly partitionMetadata: PartitionMetadata[];
}

/** The part of kafkajs's decoded metadata response that is used here. */
export interface Metadata {
  readonly topicMetadata: readonly TopicMetadata[];
}

interface MetadataResponse {
  parse(data: Metadata): Promise<Metadata>;
}

const require = createRequire(import.meta.url);
const VERSIONS = [0, 1, 2, 3, 4, 5, 6];
const load = (version: number): MetadataResponse =>
  require(`kafkajs/src/protocol/requests/metadata/v${String(version)}/response.js`) as MetadataResponse;

/** https://kafka.apache.org/protocol.html#protocol_error_codes */
const LEADER_NOT_AVAILABLE = 5;
const REPLICA_NOT_AVAILABLE = 9;
const LISTENER_NOT_FOUND = 72;
/** The leader id that brokers report for a partition without a leader. */
const NO_LEADER = -1;

const patched = new WeakSet<MetadataResponse>();

/**
 * Keeps partitions without a leader in the metadata, with -1 as their leader. kafkajs 2.2.4 rejects a whole metadata
 * response for the first partition that reports an error, so while one partition has no leader, a client cannot learn
 * the new leader of any other one. With this patch, `createTopics` no longer waits until the partitions of a new topic
 * have leaders. A kafkajs that reports errors by partition would make it unnecessary.
 */
export function keepLeaderlessPartitions(): void {
  for (const response of VERSIONS.map(load)) patch(response);
}

/** Patches one version. All versions share one `parse`, but each module exports it separately. */
function patch(response: MetadataResponse): void {
  if (patched.has(response)) return;
  patched.add(response);
  const parse = response.parse.bind(response);
  response.parse = async (data) => {
    // kafkajs still rejects for every other error.
    await parse({ ...data, topicMetadata: data.topicMetadata.map(withoutTolerated) });
    for (const { partitionMetadata } of data.topicMetadata) partitionMetadata.forEach(clearLeader);
    return data;
  };
}

function withoutTolerated(topic: TopicMetadata): TopicMetadata {
  return {
    ...topic,
    partitionMetadata: topic.partitionMetadata.filter((partition) => !isTolerated(partition)),
  };
}

function isTolerated({ partitionErrorCode: code }: PartitionMetadata): boolean {
  return isLeaderless(code) || code === REPLICA_NOT_AVAILABLE;
}

function isLeaderless(code: number): boolean {
  return code === LEADER_NOT_AVAILABLE || code === LISTENER_NOT_FOUND;
}

function clearLeader(partition: PartitionMetadata): void {
  if (isLeaderless(partition.partitionErrorCode)) partition.leader = NO_LEADER;
}
