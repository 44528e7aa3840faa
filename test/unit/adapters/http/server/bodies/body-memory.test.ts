import { expect } from 'chai';
import fc from 'fast-check';
import {
  BodyMemory,
  type BodyKind,
  type BodyShare,
} from '../../../../../../src/adapters/http/server/bodies/body-memory.js';

/** Bytes that arrive for one of eight bodies. Without bytes, the request is answered and another one replaces it. */
interface Command {
  readonly body: number;
  readonly bytes: number | undefined;
}

const kindOf = (body: number): BodyKind => (body % 2 === 0 ? 'send' : 'other');

describe('BodyMemory', () => {
  it('accepts bytes until it is full, and again after some were released', () => {
    const memory = new BodyMemory(100, 10);
    const first = memory.open('send');
    const second = memory.open('send');
    expect([first.take(60), second.take(41), second.take(40), second.take(1)]).to.deep.equal([
      ...[true, false, true, false],
    ]);
    expect(memory.bytes).to.equal(100);
    first.release();
    expect([memory.bytes, second.take(60)]).to.deep.equal([40, true]);
  });

  it('releases the bytes of a body once, and accepts none afterwards', () => {
    const memory = new BodyMemory(100, 10);
    const share = memory.open('send');
    share.take(30);
    memory.open('send').take(20);
    share.release();
    share.release();
    expect([memory.bytes, share.take(1), memory.bytes]).to.deep.equal([20, false, 20]);
  });

  it('reserves a quarter for sends', () => {
    const memory = new BodyMemory(100, 10);
    expect(memory.open('other').take(75)).to.equal(true);
    expect(memory.open('other').take(1)).to.equal(false);
    expect(memory.open('send').take(25)).to.equal(true);
  });

  it('lets sends use what others leave free', () => {
    const memory = new BodyMemory(100, 10);
    memory.open('send').take(60);
    expect([memory.open('other').take(41), memory.open('other').take(40)]).to.deep.equal([false, true]);
  });

  it('reserves less than a quarter for sends if the largest body needs the rest', () => {
    const memory = new BodyMemory(100, 90);
    expect(memory.open('other').take(90)).to.equal(true);
    expect(memory.open('other').take(1)).to.equal(false);
    expect(memory.open('send').take(10)).to.equal(true);
  });

  const command: fc.Arbitrary<Command> = fc.record({
    body: fc.nat(7),
    bytes: fc.option(fc.nat(120), { nil: undefined, freq: 3 }),
  });
  const run = (total: number, largest: number, commands: readonly Command[]) => {
    const memory = new BodyMemory(total, largest);
    const bytesHeld = Array.from({ length: 8 }, () => 0);
    const shares: BodyShare[] = bytesHeld.map((_, body) => memory.open(kindOf(body)));
    const sumOf = (wanted?: BodyKind): number =>
      bytesHeld.reduce((sum, bytes, body) => (wanted && kindOf(body) !== wanted ? sum : sum + bytes), 0);
    for (const { body, bytes } of commands) {
      if (bytes === undefined) {
        shares[body]!.release();
        shares[body] = memory.open(kindOf(body));
        bytesHeld[body] = 0;
      } else if (shares[body]!.take(bytes)) bytesHeld[body]! += bytes;
    }
    return { memory, shares, sumOf };
  };
  const sizes = fc
    .integer({ min: 1, max: 300 })
    .chain((total) => fc.tuple(fc.constant(total), fc.integer({ min: 0, max: total })));

  it('never exceeds its limit, nor lets other bodies use what is reserved for sends', () => {
    fc.assert(
      fc.property(sizes, fc.array(command), ([total, largest], commands) => {
        const { memory, shares, sumOf } = run(total, largest, commands);
        const kept = Math.min(Math.floor(total / 4), total - largest);
        expect(memory.bytes).to.equal(sumOf()).and.to.be.at.most(total);
        expect(sumOf('other')).to.be.at.most(total - kept);
        for (const share of shares) share.release();
        expect(memory.bytes).to.equal(0);
        // Every body fits if it is alone.
        expect(memory.open('other').take(largest)).to.equal(true);
      }),
    );
  });

  it('always has the reserved bytes available while sends hold none', () => {
    fc.assert(
      fc.property(sizes, fc.array(command), ([total, largest], commands) => {
        const others = commands.filter(({ body }) => body % 2 === 1);
        const { memory } = run(total, largest, others);
        const kept = Math.min(Math.floor(total / 4), total - largest);
        expect(memory.open('send').take(kept)).to.equal(true);
      }),
    );
  });
});
