import { expect } from 'chai';
import { Resources } from '../../../bench/resources.js';

describe("The benchmark's resources", () => {
  let resources: Resources;
  let ended: string[];
  const end = (name: string) => Promise.resolve(ended.push(name));

  beforeEach(() => {
    resources = new Resources();
    ended = [];
  });

  it('are closed in reverse order, even if closing one fails', async () => {
    resources.add('first', end);
    resources.add('broken', () => Promise.reject(new Error('no')));
    resources.add('last', end);
    await resources.close();
    expect(ended).to.deep.equal(['last', 'first']);
  });

  it('are closed once', async () => {
    resources.add('one', end);
    await Promise.all([resources.close(), resources.close()]);
    expect(ended).to.deep.equal(['one']);
  });

  it('of a part of the work are closed with it, even if it fails', async () => {
    resources.add('outer', end);
    const failing = resources.within((own) => {
      own.add('inner', end);
      return Promise.reject(new Error('measured nothing'));
    });
    expect(await failing.catch(String)).to.equal('Error: measured nothing');
    expect(ended).to.deep.equal(['inner']);
  });

  it('of a part of the work are closed when all are', async () => {
    void resources.within((own) => {
      own.add('inner', end);
      return new Promise(() => undefined);
    });
    await resources.close();
    expect(ended).to.deep.equal(['inner']);
  });

  it('that are added too late are closed at once', async () => {
    await resources.close();
    expect(() => resources.add('late', end)).to.throw('ending');
    expect(ended).to.deep.equal(['late']);
  });
});
