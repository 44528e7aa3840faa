import type { BoundedOutput, ByteReader } from './bounded-output.js';
import { BackwardBits, fseTable, readFseTable, singleSymbol, type FseTable } from './entropy.js';

/** What the symbols of one table stand for, and its default. */
interface Code {
  readonly maxLog: number;
  readonly maxSymbol: number;
  readonly standard: FseTable;
  /** The extra bits of each symbol, and the value that is added to them. */
  readonly extraBits: readonly number[];
  readonly bases: readonly number[];
}

const times = (count: number, value: number): readonly number[] => new Array<number>(count).fill(value);

function code(maxLog: number, standard: FseTable, firstBase: number, extraBits: readonly number[]): Code {
  let base = firstBase;
  const bases = extraBits.map((bits) => (base += 2 ** bits) - 2 ** bits);
  return { maxLog, maxSymbol: extraBits.length - 1, standard, extraBits, bases };
}

const LITERAL_LENGTH = code(
  9,
  fseTable([4, 3, ...times(11, 2), 1, 1, 1, ...times(9, 2), 3, 2, ...times(5, 1), ...times(4, -1)], 6),
  0,
  [...times(16, 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
);
const MATCH_LENGTH = code(9, fseTable([1, 4, 3, ...times(6, 2), ...times(37, 1), ...times(7, -1)], 6), 3, [
  ...times(32, 0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]);
const OFFSET = code(
  8,
  fseTable([...times(6, 1), 2, 2, 2, ...times(15, 1), ...times(5, -1)], 5),
  1,
  Array.from({ length: 32 }, (_, symbol) => symbol),
);
const CODES = [LITERAL_LENGTH, OFFSET, MATCH_LENGTH] as const;

/** Reads one kind of value from the bit stream that all three share. */
class ValueReader {
  private state: number;

  constructor(
    private readonly bits: BackwardBits,
    private readonly table: FseTable,
    private readonly values: Code,
  ) {
    this.state = bits.read(table.log);
  }

  value(): number {
    const symbol = this.table.symbols[this.state] ?? 0;
    return (this.values.bases[symbol] ?? 0) + this.bits.read(this.values.extraBits[symbol] ?? 0);
  }

  advance(): void {
    this.state = (this.table.bases[this.state] ?? 0) + this.bits.read(this.table.bits[this.state] ?? 0);
  }
}

/** Executes the sequences of a frame's blocks: literals, then a copy. Keeps what a block may reuse of earlier ones. */
export class Sequences {
  private readonly tables: (FseTable | undefined)[] = [];
  private offsets: readonly [number, number, number] = [1, 4, 8];

  constructor(
    private readonly output: BoundedOutput,
    private readonly from: number,
  ) {}

  execute(block: ByteReader, literals: Buffer): void {
    const count = readCount(block);
    const used = count === 0 ? 0 : this.run(block, count, literals);
    this.output.append(literals.subarray(used));
  }

  private run(block: ByteReader, count: number, literals: Buffer): number {
    const [lengthTable, offsetTable, matchTable] = this.readTables(block);
    const bits = new BackwardBits(block.rest(), this.output.corrupt);
    const lengths = new ValueReader(bits, lengthTable, LITERAL_LENGTH);
    const offsets = new ValueReader(bits, offsetTable, OFFSET);
    const matches = new ValueReader(bits, matchTable, MATCH_LENGTH);
    let used = 0;
    for (let index = 0; index < count; index += 1) {
      if (index > 0) for (const reader of [lengths, matches, offsets]) reader.advance();
      const offset = offsets.value();
      const match = matches.value();
      const length = lengths.value();
      if (bits.left < 0 || used + length > literals.length)
        throw this.output.corrupt('a sequence is too long');
      this.output.append(literals.subarray(used, used + length));
      used += length;
      this.output.repeat(this.distance(offset, length), match, this.from);
    }
    if (bits.left !== 0) throw this.output.corrupt('the sequences have another length');
    return used;
  }

  private readTables(block: ByteReader): [FseTable, FseTable, FseTable] {
    const modes = block.uint8();
    const read = (index: 0 | 1 | 2): FseTable => {
      const table = this.readTable(block, (modes >>> (6 - 2 * index)) & 3, CODES[index], this.tables[index]);
      this.tables[index] = table;
      return table;
    };
    return [read(0), read(1), read(2)];
  }

  private readTable(block: ByteReader, mode: number, values: Code, earlier: FseTable | undefined): FseTable {
    const { corrupt } = this.output;
    if (mode === 0) return values.standard;
    if (mode === 2) return readFseTable(block, values.maxLog, values.maxSymbol, corrupt);
    if (mode === 3) {
      if (!earlier) throw corrupt('a table is missing');
      return earlier;
    }
    const symbol = block.uint8();
    if (symbol > values.maxSymbol) throw corrupt('a table is invalid');
    return singleSymbol(symbol);
  }

  /** Values up to 3 stand for one of the last three distances. */
  private distance(value: number, literalLength: number): number {
    const [first, second, third] = this.offsets;
    if (value > 3) {
      this.offsets = [value - 3, first, second];
      return value - 3;
    }
    const index = value - (literalLength === 0 ? 0 : 1);
    if (index === 0) return first;
    const distance = ([first, second, third, first - 1] as const)[index as 0 | 1 | 2 | 3];
    this.offsets = [distance, first, index === 1 ? third : second];
    return distance;
  }
}

function readCount(block: ByteReader): number {
  const first = block.uint8();
  if (first < 128) return first;
  return first < 255 ? ((first - 128) << 8) + block.uint8() : block.uintLE(2) + 0x7f00;
}
