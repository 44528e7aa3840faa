import type { ByteReader, CorruptBatch } from './bounded-output.js';

type Corrupt = (reason: string) => CorruptBatch;

/** Reads `count` bits, at most 32, that begin at bit `at`. Bits outside the bytes are 0. */
export function bitsAt(bytes: Buffer, at: number, count: number): number {
  if (at < 0) return count + at <= 0 ? 0 : bitsAt(bytes, 0, count + at) * 2 ** -at;
  const first = at >>> 3;
  let value = 0;
  for (let index = 4; index >= 0; index -= 1) value = value * 256 + (bytes[first + index] ?? 0);
  return Math.floor(value / 2 ** (at & 7)) % 2 ** count;
}

/** Reads a bit stream of Zstandard from its end. Its last byte marks the end with its highest bit. */
export class BackwardBits {
  /** The number of bits that are left; negative after reading more. */
  left: number;

  constructor(
    readonly bytes: Buffer,
    corrupt: Corrupt,
  ) {
    const last = bytes.at(-1) ?? 0;
    if (last === 0) throw corrupt('a bit stream has no end');
    this.left = bytes.length * 8 - Math.clz32(last) + 23;
  }

  read(count: number): number {
    this.left -= count;
    return bitsAt(this.bytes, this.left, count);
  }
}

/** A table of finite state entropy: the symbol of each state, and how to get to the next one. */
export interface FseTable {
  readonly log: number;
  readonly symbols: readonly number[];
  readonly bits: readonly number[];
  readonly bases: readonly number[];
}

export const singleSymbol = (symbol: number): FseTable => ({
  log: 0,
  symbols: [symbol],
  bits: [0],
  bases: [0],
});

/** Builds a table from probabilities in units of 1 / 2^log; -1 stands for less than one unit. */
export function fseTable(probabilities: readonly number[], log: number): FseTable {
  const size = 2 ** log;
  const symbols = new Array<number>(size).fill(0);
  let high = size;
  for (const [symbol, probability] of probabilities.entries())
    if (probability === -1) symbols[--high] = symbol;
  let at = 0;
  for (const [symbol, probability] of probabilities.entries())
    for (let count = 0; count < probability; count += 1) {
      symbols[at] = symbol;
      do at = (at + (size >>> 1) + (size >>> 3) + 3) % size;
      while (at >= high);
    }
  const next = probabilities.map(Math.abs);
  const bits: number[] = [];
  const bases: number[] = [];
  for (const symbol of symbols) {
    const state = next[symbol] ?? 0;
    next[symbol] = state + 1;
    const count = log - (31 - Math.clz32(state));
    bits.push(count);
    bases.push((state << count) - size);
  }
  return { log, symbols, bits, bases };
}

/** Reads the description of a table. */
export function readFseTable(
  from: ByteReader,
  maxLog: number,
  maxSymbol: number,
  corrupt: Corrupt,
): FseTable {
  const bytes = from.rest();
  const log = bitsAt(bytes, 0, 4) + 5;
  if (log > maxLog) throw corrupt('a table is too large');
  let at = 4;
  let remaining = 2 ** log;
  const probabilities: number[] = [];
  while (remaining > 0 && probabilities.length <= maxSymbol) {
    const width = 32 - Math.clz32(remaining + 1);
    const lowMask = 2 ** (width - 1) - 1;
    const threshold = 2 ** width - 2 - remaining;
    let value = bitsAt(bytes, at, width);
    const isShort = (value & lowMask) < threshold;
    if (isShort) value &= lowMask;
    else if (value > lowMask) value -= threshold;
    at += isShort ? width - 1 : width;
    probabilities.push(value - 1);
    remaining -= Math.abs(value - 1);
    for (let zeros = value === 1 ? 3 : 0; zeros === 3; at += 2) {
      zeros = bitsAt(bytes, at, 2);
      for (let count = 0; count < zeros; count += 1) probabilities.push(0);
    }
  }
  if (remaining !== 0 || probabilities.length > maxSymbol + 1) throw corrupt('a table is invalid');
  from.take(Math.ceil(at / 8));
  return fseTable(probabilities, log);
}

/** The symbol and length of the code that each number of `log` bits begins with. */
export interface HuffmanTable {
  readonly log: number;
  readonly symbols: readonly number[];
  readonly bits: readonly number[];
}

export function readHuffmanTable(from: ByteReader, corrupt: Corrupt): HuffmanTable {
  const header = from.uint8();
  const weights = header < 128 ? packedWeights(from.sub(header), corrupt) : plainWeights(from, header - 127);
  let sum = 0;
  for (const weight of weights) sum += weight > 0 ? 2 ** (weight - 1) : 0;
  const log = 32 - Math.clz32(sum);
  const last = 2 ** log - sum;
  if (sum === 0 || log > 11 || (last & (last - 1)) !== 0) throw corrupt('a Huffman table is invalid');
  weights.push(32 - Math.clz32(last));
  const symbols: number[] = [];
  const bits: number[] = [];
  for (let weight = 1; weight <= log; weight += 1)
    for (const [symbol, own] of weights.entries())
      for (let count = own === weight ? 2 ** (weight - 1) : 0; count > 0; count -= 1) {
        symbols.push(symbol);
        bits.push(log + 1 - weight);
      }
  return { log, symbols, bits };
}

function plainWeights(from: ByteReader, count: number): number[] {
  const bytes = from.take(Math.ceil(count / 2));
  return Array.from(
    { length: count },
    (_, index) => ((bytes[index >>> 1] ?? 0) >>> (index % 2 ? 0 : 4)) & 15,
  );
}

function packedWeights(from: ByteReader, corrupt: Corrupt): number[] {
  const table = readFseTable(from, 6, 255, corrupt);
  const bits = new BackwardBits(from.rest(), corrupt);
  const weights: number[] = [];
  let state = bits.read(table.log);
  let other = bits.read(table.log);
  while (weights.length < 255) {
    weights.push(table.symbols[state] ?? 0);
    const next = (table.bases[state] ?? 0) + bits.read(table.bits[state] ?? 0);
    if (bits.left < 0) {
      weights.push(table.symbols[other] ?? 0);
      if (weights.length > 255) break;
      return weights;
    }
    [state, other] = [other, next];
  }
  throw corrupt('a Huffman table is too long');
}

export function decodeHuffman(bytes: Buffer, into: Buffer, table: HuffmanTable, corrupt: Corrupt): void {
  const stream = new BackwardBits(bytes, corrupt);
  for (let at = 0; at < into.length; at += 1) {
    const code = bitsAt(bytes, stream.left - table.log, table.log) % 2 ** table.log;
    into[at] = table.symbols[code] ?? 0;
    stream.left -= table.bits[code] ?? 0;
  }
  if (stream.left !== 0) throw corrupt('a Huffman stream has another length');
}
