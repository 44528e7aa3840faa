import { createRequire } from 'node:module';
import type { NewRecord } from '../../../application/ports/record-log.js';
import type { ByteWriter } from './byte-writer.js';
import { sizeOfBytes, sizeOfText, sizeOfVarint } from './byte-writer.js';

const crc32c = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/crc32C/index.js') as (
  bytes: Buffer,
) => number;

const MAGIC = 2;
/** First offset, length, leader epoch, magic, checksum. The checksum does not cover these. */
const HEAD_BYTES = 8 + 4 + 4 + 1 + 4;
/** Attributes, last offset delta, two timestamps, producer id, epoch and sequence, number of records. */
const SUMMARY_BYTES = 2 + 4 + 8 + 8 + 8 + 2 + 4 + 4;
/** A record's attributes and timestamp delta, both 0. */
const RECORD_HEAD_BYTES = 2;
const NO_PRODUCER = -1;

/** A batch to write, with the sizes of its records. */
export interface SizedBatch {
  readonly records: readonly NewRecord[];
  readonly recordBytes: readonly number[];
  readonly bytes: number;
}

export function sized(records: readonly NewRecord[]): SizedBatch {
  const recordBytes = records.map(sizeOfRecord);
  let bytes = HEAD_BYTES + SUMMARY_BYTES;
  for (const size of recordBytes) bytes += sizeOfVarint(size) + size;
  return { records, recordBytes, bytes };
}

/** Writes format 2, uncompressed: https://kafka.apache.org/documentation/#recordbatch. `timestamp` is in ms. */
export function writeRecordBatch(to: ByteWriter, batch: SizedBatch, timestamp: number): void {
  const { records, recordBytes, bytes } = batch;
  const begin = to.at;
  to.int64(0)
    .int32(bytes - 12)
    .int32(0)
    .int8(MAGIC)
    .int32(0); // overwritten by the checksum below
  to.int16(0).int32(records.length - 1);
  to.int64(timestamp).int64(timestamp);
  to.int64(NO_PRODUCER).int16(0).int32(0);
  to.int32(records.length);
  for (const [offsetDelta, record] of records.entries()) {
    to.varint(recordBytes[offsetDelta] ?? 0);
    writeRecord(to, record, offsetDelta);
  }
  const covered = to.bytes.subarray(begin + HEAD_BYTES, to.at);
  to.bytes.writeUInt32BE(crc32c(covered), begin + HEAD_BYTES - 4);
}

function sizeOfRecord({ key, value, headers }: NewRecord, offsetDelta: number): number {
  let size = RECORD_HEAD_BYTES + sizeOfVarint(offsetDelta) + sizeOfBytes(key) + sizeOfBytes(value);
  let count = 0;
  for (const name in headers) {
    size += sizeOfText(name) + sizeOfText(headers[name] ?? '');
    count += 1;
  }
  return size + sizeOfVarint(count);
}

function writeRecord(to: ByteWriter, { key, value, headers }: NewRecord, offsetDelta: number): void {
  to.int16(0).varint(offsetDelta).varBytes(key).varBytes(value);
  const names = Object.keys(headers);
  to.varint(names.length);
  for (const name of names) to.varText(name).varText(headers[name] ?? '');
}
