import { expect } from 'chai';
import { cpuSpent } from '../../../../bench/processes/cpu-spent.js';

describe("The benchmark's CPU times", () => {
  it('are what each process uses from the start of the work to its end', async () => {
    const used = new Map([
      [7, 1_000],
      [8, 50_000],
    ]);
    const work = async (): Promise<void> => {
      await Promise.resolve();
      used.set(7, 1_500);
      used.set(8, 50_030);
    };
    expect(await cpuSpent([8, 7], work, (pid) => used.get(pid) ?? 0)).to.deep.equal([30, 500]);
  });

  it('reject with the error of the work', async () => {
    const failed = cpuSpent([process.pid], () => Promise.reject(new Error('stored nothing')));
    expect(await failed.catch(String)).to.equal('Error: stored nothing');
  });
});
