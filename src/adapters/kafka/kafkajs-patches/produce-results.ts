import { createRequire } from 'node:module';
import type { GroupResult } from '../../../application/ports/record-log.js';
import { isForbidden, rootCause } from '../kafka-errors.js';

interface PartitionResult {
  readonly partition: number;
  readonly errorCode: number;
}

export interface Produced {
  readonly topics: readonly { readonly partitions: readonly PartitionResult[] }[];
}

interface ProduceResponse {
  parse(data: Produced): Promise<Produced>;
}

const require = createRequire(import.meta.url);
const VERSIONS = [3, 4, 5, 6, 7];
const load = (version: number): ProduceResponse =>
  require(`kafkajs/src/protocol/requests/produce/v${String(version)}/response.js`) as ProduceResponse;

const patched = new WeakSet<ProduceResponse>();
/** The error code of each partition, by the error that kafkajs rejects with. */
const codes = new WeakMap<Error, ReadonlyMap<number, number>>();

/** https://kafka.apache.org/protocol.html#protocol_error_codes */
const NONE = 0;
const TOO_LARGE = new Set([10, 18]);
/**
 * Codes with which the broker, leader or not, wrote nothing: unknown topic or partition, no leader, not the leader, not
 * enough replicas, forbidden (topic, cluster), leader epochs.
 */
const NOT_WRITTEN = new Set([3, 5, 6, 19, 29, 31, 74, 75]);

/**
 * Keeps the result of each partition of a produce request. kafkajs 2.2.4 rejects with the first partition's error and
 * drops the results of the others. A kafkajs that reports errors by partition would make this unnecessary.
 */
export function keepProduceResults(): void {
  for (const response of VERSIONS.map(load)) patch(response);
}

function patch(response: ProduceResponse): void {
  if (patched.has(response)) return;
  patched.add(response);
  const parse = response.parse.bind(response);
  response.parse = async (data) => {
    try {
      return await parse(data);
    } catch (error) {
      const partitions = data.topics.flatMap((topic) => topic.partitions);
      if (error instanceof Error)
        codes.set(error, new Map(partitions.map(({ partition, errorCode }) => [partition, errorCode])));
      throw error;
    }
  };
}

/** Returns the result for a partition's records, given the error of a produce request to one topic. */
export function resultOf(error: unknown, partition: number, hasProduced: boolean): GroupResult {
  if (!hasProduced) return 'not-sent';
  const code = codes.get(rootCause(error))?.get(partition);
  if (code === undefined) return isForbidden(error) ? 'not-sent' : 'unknown';
  if (code === NONE) return 'appended';
  if (TOO_LARGE.has(code)) return 'too-large';
  return NOT_WRITTEN.has(code) ? 'not-sent' : 'unknown';
}
