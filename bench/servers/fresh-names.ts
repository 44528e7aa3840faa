import { randomUUID } from 'node:crypto';
import type { BaselineInput } from '../baselines/tasks.js';
import type { BenchServers } from './bench-servers.js';

/** Returns unused names for a topic and a database. */
export function freshNames({ kafka, mongodb }: BenchServers): BaselineInput {
  const topic = `postrider-bench-${randomUUID().slice(0, 8)}`;
  return { kafka, mongodb: `${mongodb}/${topic}?directConnection=true`, topic };
}
