import { expect } from 'chai';
import { tableOf } from '../../../../bench/report/table.js';

const plain = { ratioTo: null, ratio: null, target: null, met: null };

describe("The benchmark's table", () => {
  it('aligns names left and figures right, and omits figures that were not measured', () => {
    const text = tableOf([
      {
        row: { name: 'floor: Express', value: 7161, unit: 'messages/s', ...plain },
        sample: { value: 7161, p50: 8 },
      },
      {
        row: {
          ...{ name: 'sends', value: 6087, unit: 'messages/s', ratioTo: 'floor: Express' },
          ...{ ratio: 0.85, target: '>= 0.9', met: false },
        },
        sample: { value: 6087, p99: 24, cpuMicrosPerMessage: 151, peakMegabytes: 90 },
      },
    ]);
    expect(text.split('\n')).to.deep.equal([
      '                           value  p50 ms  p99 ms  CPU µs  peak MB          ratio  target  met',
      'floor: Express  7,161 messages/s       8',
      'sends           6,087 messages/s              24     151       90  0.85 of floor  >= 0.9   NO',
    ]);
  });
});
