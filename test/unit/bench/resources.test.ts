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

  it('are ended, the latest first, also behind one that fails', async () => {
    resources.add('first', end);
    resources.add('broken', () => Promise.reject(new Error('no')));
    resources.add('last', end);
    await resources.close();
    expect(ended).to.deep.equal(['last', 'first']);
  });

  it('are ended once', async () => {
    resources.add('one', end);
    await Promise.all([resources.close(), resources.close()]);
    expect(ended).to.deep.equal(['one']);
  });

  it('of a part of the work are ended with it, also when it fails', async () => {
    resources.add('outer', end);
    const failing = resources.within((own) => {
      own.add('inner', end);
      return Promise.reject(new Error('measured nothing'));
    });
    expect(await failing.catch(String)).to.equal('Error: measured nothing');
    expect(ended).to.deep.equal(['inner']);
  });

  it('of a part of the work are ended when all are', async () => {
    void resources.within((own) => {
      own.add('inner', end);
      return new Promise(() => undefined);
    });
    await resources.close();
    expect(ended).to.deep.equal(['inner']);
  });

  it('that come too late are ended at once', async () => {
    await resources.close();
    expect(() => resources.add('late', end)).to.throw('ending');
    expect(ended).to.deep.equal(['late']);
  });
});
