import { costMeasures } from './cost-measures.js';
import { BUSY_RATE, LATENCY_RATE, PARTITIONS, RECIPIENTS, type Sizes } from '../sizes.js';

export interface Measure {
  readonly name: string;
  readonly unit: string;
}

const count = (value: number): string => value.toLocaleString('en-US');
const seconds = (ms: number): string => `${ms / 1_000} s`;

/** Returns all measures in the order of the table. Names include the sizes on which a measure depends. */
export function measuresOf(sizes: Sizes) {
  const sending = seconds(sizes.sendMs);
  const backlog = count(sizes.backlog);
  const few = count(sizes.fewStored);
  const many = count(sizes.manyStored);
  const latency = `${count(LATENCY_RATE)} messages/s for ${seconds(sizes.latencyMs)}`;
  const busy = `${count(BUSY_RATE)} messages/s for ${seconds(sizes.latencyMs)}`;
  const failed = `${count(sizes.failedMessages)} failed messages`;
  const page = (what: string, stored: string): Measure => ({
    name: `a page of 100 of ${what}, ${stored} stored`,
    unit: 'ms',
  });
  const resident = (who: string, at: number | undefined): Measure => ({
    name: `soak: resident memory of the ${who} at ${count(at ?? 0)} messages`,
    unit: 'MB',
  });
  const rejected = (what: string): Measure => ({
    name: `${count(sizes.rejectedRecords)} rejected records ${what}, until all are failed messages`,
    unit: 'records/s',
  });
  const plain = (whom: string): Measure => ({
    name: `limit: ${count(sizes.replayedMessages)} plain sends to ${whom}, until all are stored`,
    unit: 'messages/s',
  });
  const replayed = (whom: string): Measure => ({
    name: `bulk replay of ${count(sizes.replayedMessages)} failed messages to ${whom}, until all are stored`,
    unit: 'messages/s',
  });
  return {
    http: { name: `limit: node:http doing nothing, ${sending}`, unit: 'messages/s' },
    floor: { name: `floor: Express + express.json doing nothing, ${sending}`, unit: 'messages/s' },
    naiveSends: {
      name: `naive: Express + an awaited kafkajs send a request, ${sending}`,
      unit: 'messages/s',
    },
    sendsStopped: { name: `single sends, receiver stopped, ${sending}`, unit: 'messages/s' },
    sendsStoring: { name: `single sends, stored by a process of its own, ${sending}`, unit: 'messages/s' },
    sendsBacklog: {
      name: `single sends, stored by a process of its own, ${sending}: backlog left`,
      unit: 's',
    },
    embedded: { name: `single sends, embedded back end, durable, ${sending}`, unit: 'messages/s' },
    rawProduce: { name: `limit: raw kafkajs in batches of 500, ${backlog} messages`, unit: 'messages/s' },
    batches: {
      name: `POST /send-messages in hundreds, receiver stopped, ${backlog} messages`,
      unit: 'messages/s',
    },
    rawInsert: { name: `limit: raw insertMany with our indexes, ${backlog} messages`, unit: 'messages/s' },
    naiveDrain: {
      name: `naive: eachMessage + create, draining ${count(sizes.naiveBacklog)} or for ${seconds(sizes.naiveDrainMs)}`,
      unit: 'messages/s',
    },
    drain: {
      name: `draining ${backlog} to ${RECIPIENTS} recipients over ${PARTITIONS} partitions`,
      unit: 'messages/s',
    },
    rawLatency: { name: `limit: raw kafkajs without commits, send to consume, ${latency}`, unit: 'ms' },
    rawBusyLatency: { name: `limit: raw kafkajs without commits, send to consume, ${busy}`, unit: 'ms' },
    inboxLatency: { name: `send to inbox, ${latency}`, unit: 'ms' },
    readerLatency: { name: `send to a live reader, ${latency}`, unit: 'ms' },
    liveLatency: { name: `201 to a live reader, ${latency}`, unit: 'ms' },
    liveBusyLatency: { name: `201 to a live reader, ${busy}`, unit: 'ms' },
    pageFew: page('/messages', few),
    pageMany: page('/messages', many),
    pageToFew: page('/messages of one recipient', few),
    pageToMany: page('/messages of one recipient', many),
    pageInboxFew: page('an inbox', few),
    pageInboxMany: page('an inbox', many),
    streamRate: { name: `streaming all of ${many}`, unit: 'messages/s' },
    streamMemory: { name: `streaming all of ${many}: memory above idle`, unit: 'MB' },
    rawCounts: { name: 'limit: raw findOne of the stored groups, over an open connection', unit: 'ms' },
    groupsFirst: { name: `groups of ${failed}, the first response of all`, unit: 'ms' },
    groupsStart: { name: `groups of ${failed}, the first response after a start`, unit: 'ms' },
    groups: { name: `groups of ${failed}, p99`, unit: 'ms' },
    rawCountsEmbedded: { name: 'limit: raw lmdb get of the stored groups', unit: 'ms' },
    groupsFirstEmbedded: { name: `groups of ${failed}, embedded, the first response of all`, unit: 'ms' },
    groupsStartEmbedded: {
      name: `groups of ${failed}, embedded, the first response after a start`,
      unit: 'ms',
    },
    plainToMany: plain(`${RECIPIENTS} recipients`),
    replayedToMany: replayed(`${RECIPIENTS} recipients`),
    plainToEach: plain('a recipient each'),
    replayedToEach: replayed('a recipient each'),
    rawFailures: {
      name: `limit: raw insertMany of failures with our indexes, ${count(sizes.rejectedRecords)} failures`,
      unit: 'failures/s',
    },
    rejectedOfOne: rejected('of one recipient'),
    rejectedOfMany: rejected(`of ${RECIPIENTS} recipients`),
    rejectedOfNone: rejected('without a recipient'),
    ...costMeasures(),
    overloadOffered: {
      name: `overload, ten times what a slow log takes for ${seconds(sizes.overloadMs)}: offered`,
      unit: 'messages/s',
    },
    overloadAccepted: { name: 'overload: accepted', unit: 'messages/s' },
    overload503: { name: 'overload: time to a 503, p99', unit: 'ms' },
    overloadWithoutRetryAfter: { name: 'overload: 503 without Retry-After', unit: 'responses' },
    overloadMemory: { name: 'overload: peak memory above that when the queue was full', unit: 'MB' },
    overloadLost: { name: 'overload: acknowledged messages lost', unit: 'messages' },
    outageBefore: { name: 'full load before MongoDB is stopped', unit: 'messages/s' },
    outageAccepted: {
      name: `full load while MongoDB is stopped for ${seconds(sizes.outageMs)}`,
      unit: 'messages/s',
    },
    outageLost: { name: `MongoDB stopped for ${seconds(sizes.outageMs)}: messages lost`, unit: 'messages' },
    soakApiEarly: resident('api', sizes.soak?.early),
    soakApi: resident('api', sizes.soak?.total),
    soakReceiverEarly: resident('receiver', sizes.soak?.early),
    soakReceiver: resident('receiver', sizes.soak?.total),
  } satisfies Record<string, Measure>;
}

export type MeasureKey = keyof ReturnType<typeof measuresOf>;
