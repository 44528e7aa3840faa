import { expect } from 'chai';
import { OffsetTracker } from '../../../../src/domain/delivery/offset-tracker.js';

const record = (offset: number) => ({ offset });

describe('OffsetTracker', () => {
  it('has no position before it has taken a record', () => {
    expect(new OffsetTracker().finished).to.equal(undefined);
  });

  it('continues at the lowest unfinished record, and knows the record before it', () => {
    const tracker = new OffsetTracker();
    const [first, second] = [record(4), record(7)];
    for (const taken of [first, second, record(9)]) tracker.take(taken);
    expect(tracker.finished).to.deep.equal({ next: 4, last: undefined });
    tracker.finish(7);
    expect(tracker.finished).to.deep.equal({ next: 4, last: undefined });
    tracker.finish(4);
    expect(tracker.finished?.next).to.equal(9);
    expect(tracker.finished?.last).to.equal(second);
  });

  it('continues after the last record if all are finished', () => {
    const tracker = new OffsetTracker();
    const last = record(7);
    for (const taken of [record(4), last]) tracker.take(taken);
    for (const offset of [7, 4]) tracker.finish(offset);
    expect(tracker.finished?.next).to.equal(8);
    expect(tracker.finished?.last).to.equal(last);
    expect(tracker.pending).to.equal(0);
  });

  it('releases the last record only if nothing is unfinished', () => {
    const tracker = new OffsetTracker();
    tracker.take(record(4));
    tracker.releaseLast();
    tracker.take(record(5));
    tracker.finish(4);
    expect(tracker.finished).to.deep.equal({ next: 5, last: record(4) });
    tracker.finish(5);
    tracker.releaseLast();
    expect(tracker.finished).to.deep.equal({ next: 6, last: undefined });
  });
});
