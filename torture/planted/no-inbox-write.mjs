// A decision about a message does not write its recipient's inbox document.
import mongoose from 'mongoose';

const { Collection } = mongoose.mongo;
const { bulkWrite } = Collection.prototype;
Collection.prototype.bulkWrite = function (...args) {
  if (this.collectionName === 'postrider_inboxes') return Promise.resolve({ matchedCount: 1 });
  return bulkWrite.apply(this, args);
};
