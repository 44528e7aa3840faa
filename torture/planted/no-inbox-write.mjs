// Settles messages without writing the inbox document of their recipient.
import mongoose from 'mongoose';

const { Collection } = mongoose.mongo;
const { bulkWrite } = Collection.prototype;
Collection.prototype.bulkWrite = function (...args) {
  if (this.collectionName === 'postrider_inboxes') return Promise.resolve({ matchedCount: 1 });
  return bulkWrite.apply(this, args);
};
