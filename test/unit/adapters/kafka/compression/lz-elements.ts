import fc from 'fast-check';

/** Literal bytes, or a copy of `count` bytes that begin `distance` bytes before the end. */
export interface Element {
  readonly literal: Buffer;
  readonly distance: number;
  readonly count: number;
}

/** Elements whose copies begin within the data; `minCount` is the shortest copy of the format. */
export function elements(minCount: number, maxCount: number): fc.Arbitrary<readonly Element[]> {
  const literal = fc
    .uint8Array({ minLength: 1, maxLength: 400, size: 'max' })
    .map((bytes) => Buffer.from(bytes));
  const element = fc.record({ literal, back: fc.nat(), count: fc.integer({ min: minCount, max: maxCount }) });
  return fc.array(element, { minLength: 1, maxLength: 20 }).map((drawn) => {
    let size = 0;
    return drawn.map(({ back, ...rest }) => {
      const distance = 1 + (back % (size + rest.literal.length));
      size += rest.literal.length + rest.count;
      return { ...rest, distance };
    });
  });
}

/** Expands the elements one byte after the other, as the formats define them. */
export function expanded(all: readonly Element[]): Buffer {
  const bytes: number[] = [];
  for (const { literal, distance, count } of all) {
    bytes.push(...literal);
    for (let copied = 0; copied < count; copied += 1) bytes.push(bytes[bytes.length - distance] ?? 0);
  }
  return Buffer.from(bytes);
}

/** Changes some bytes of what another implementation compressed. */
export function damaged(bytes: Buffer): fc.Arbitrary<Buffer> {
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
  return fc.array(change, { minLength: 1, maxLength: 8 }).map((changes) => {
    const copy = Buffer.from(bytes);
    for (const [at, value] of changes) copy[at] = value;
    return copy;
  });
}
