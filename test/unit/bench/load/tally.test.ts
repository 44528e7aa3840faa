import { expect } from 'chai';
import { BROKEN } from '../../../../bench/load/connection.js';
import { Tally } from '../../../../bench/load/tally.js';

const response = (status: number, body = '', head = '') => ({ status, body, head });

function acknowledgedIn(tally: Tally): number[] {
  const map = Buffer.from(tally.result(1).acknowledgedMap, 'base64');
  return Array.from({ length: map.length * 8 }, (_, at) => at).filter(
    (at) => (map.readUInt8(at >> 3) & (1 << (at & 7))) !== 0,
  );
}

describe('The tally of a load', () => {
  const singles = { batch: 1, firstNumber: 1_000, maxMessages: 10 };

  it('records which messages were acknowledged', () => {
    const tally = new Tally(singles);
    tally.record(response(201), 1_000, 5);
    tally.record(response(503), 1_001, 5);
    tally.record(BROKEN, 1_002, 5);
    tally.record(response(201), 1_009, 5);
    expect(acknowledgedIn(tally)).to.deep.equal([0, 9]);
    expect(tally.result(1)).to.deep.include({ acknowledged: 2, statuses: { 0: 1, 201: 2, 503: 1 } });
  });

  it('reads the result of each message of a batch', () => {
    const tally = new Tally({ ...singles, batch: 3 });
    const failed = {
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
      code: 'log-unavailable',
    };
    const results = [{ status: 201, id: 'a' }, failed, { status: 201, id: 'b' }];
    tally.record(response(207, JSON.stringify({ results })), 1_003, 5);
    expect(acknowledgedIn(tally)).to.deep.equal([3, 5]);
  });

  it('throws if a batch has fewer results than messages', () => {
    const tally = new Tally({ ...singles, batch: 3 });
    const record = () => tally.record(response(207, '{"results":[{"status":201,"id":"a"}]}'), 1_000, 5);
    expect(record).to.throw('1 results for 3 messages');
  });

  it('keeps the times of rejections separate, and counts those without Retry-After', () => {
    const tally = new Tally(singles);
    tally.record(response(201), 1_000, 80);
    tally.record(response(503, '', 'http/1.1 503 x\r\nretry-after: 1'), 1_001, 2);
    tally.record(response(503, '', 'http/1.1 503 x'), 1_002, 3);
    const { latencies, unavailable, unavailableWithoutRetryAfter } = tally.result(1);
    expect([latencies.max, unavailable.max, unavailable.count]).to.deep.equal([80, 3, 2]);
    expect(unavailableWithoutRetryAfter).to.equal(1);
  });
});
