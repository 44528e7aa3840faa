// Marks records as finished when they are received, so that offsets are committed before the ledger has settled them.
import { OffsetTracker } from '../../dist/domain/delivery/offset-tracker.js';

const { take, finish } = OffsetTracker.prototype;
OffsetTracker.prototype.take = function (record) {
  take.call(this, record);
  finish.call(this, record.offset);
};
OffsetTracker.prototype.finish = () => undefined;
