import { expect } from 'chai';
import { KeyedMutex } from '../../../../../src/adapters/mongodb/delivery/keyed-mutex.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work that records when it begins, and ends when the test says so. */
function workshop(): {
  begin: (name: string) => () => Promise<string>;
  end: (name: string) => void;
  begun: string[];
} {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const begin = (name: string) => (): Promise<string> => {
    begun.push(name);
    return new Promise((resolve) => {
      ends.set(name, () => {
        resolve(name);
      });
    });
  };
  return { begun, begin, end: (name) => ends.get(name)?.() };
}

describe('KeyedMutex', () => {
  it('runs work with different keys concurrently, and work with one key one after the other', async () => {
    const turns = new KeyedMutex();
    const { begun, begin, end } = workshop();
    const first = turns.run(['a', 'b'], begin('first'));
    const second = turns.run(['c'], begin('second'));
    const third = turns.run(['b', 'c', 'b'], begin('third'));
    await settled();
    expect(begun).to.deep.equal(['first', 'second']);
    end('first');
    await settled();
    expect(begun).to.deep.equal(['first', 'second']);
    end('second');
    await settled();
    end('third');
    expect(await Promise.all([first, second, third])).to.deep.equal(['first', 'second', 'third']);
  });

  it('continues after work that failed, and rejects only its caller', async () => {
    const turns = new KeyedMutex();
    const failed = turns.run(['a'], () => Promise.reject(new Error('mine')));
    const next = turns.run(['a'], () => Promise.resolve('next'));
    expect(await failed.catch((error: unknown) => String(error))).to.equal('Error: mine');
    expect(await next).to.equal('next');
  });

  it('runs work without a key at once', async () => {
    expect(await new KeyedMutex().run([], () => Promise.resolve(1))).to.equal(1);
  });
});
