// Inserts stored messages under new ids, as if no unique index limited a message to one document.
import mongoose from 'mongoose';

const { Collection, ObjectId } = mongoose.mongo;
const { insertMany } = Collection.prototype;
Collection.prototype.insertMany = function (documents, ...rest) {
  const fresh = documents.map((document) => ({ ...document, _id: new ObjectId() }));
  return insertMany.call(this, this.collectionName === 'postrider_messages' ? fresh : documents, ...rest);
};
