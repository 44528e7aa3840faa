import { keepLeaderlessPartitions } from './leaderless-partitions.js';
import { givePartialOffsets } from './partial-offsets.js';
import { encodeProduceRequestsFaster } from './produce-requests.js';
import { keepProduceResults } from './produce-results.js';
import { quietRequestQueues } from './quiet-request-queue.js';
import { steadyTimes } from './steady-times.js';
import { endStoppedFetchers } from './stopped-fetchers.js';

/** Applies every patch to all clients of this process. May be called again. README.md gives the reason for each. */
export function patchKafkajs(): void {
  quietRequestQueues();
  encodeProduceRequestsFaster();
  steadyTimes();
  keepLeaderlessPartitions();
  givePartialOffsets();
  keepProduceResults();
  endStoppedFetchers();
}
