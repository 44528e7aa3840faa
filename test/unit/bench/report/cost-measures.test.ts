import { expect } from 'chai';
import { costMeasures } from '../../../../bench/report/cost-measures.js';

describe("The benchmark's cost measures", () => {
  const measures = costMeasures();

  it('name the process whose CPU they measure, the work, and the unit in microseconds', () => {
    expect(measures.storeTwentySecondary).to.deep.equal({
      name: 'CPU of a secondary of three mongod: ledger, transactions of 20, a recipient each',
      unit: 'µs/message',
    });
    expect(measures.page50Api).to.deep.equal({
      name: 'CPU of the api: an inbox, 50 messages',
      unit: 'µs/page',
    });
  });

  it('list the processes of one kind of work next to each other', () => {
    const keys = Object.keys(measures).filter((key) => key.startsWith('log'));
    expect(keys).to.deep.equal([
      ...['logBigAlone', 'logBigLeader', 'logBigFollower'],
      ...['logSmallAlone', 'logSmallLeader', 'logSmallFollower'],
    ]);
  });
});
