import { mongo } from 'mongoose';

export const serverError = (code: number, codeName?: string): mongo.MongoServerError =>
  new mongo.MongoServerError({ message: 'the server says no', code, ...(codeName && { codeName }) });

export function labelled<T extends mongo.MongoError>(error: T, ...labels: string[]): T {
  for (const label of labels) error.addErrorLabel(label);
  return error;
}

/** The error of the driver when it found no server in time, without the topology description. */
export const noServer = (): mongo.MongoServerSelectionError =>
  new mongo.MongoServerSelectionError('nobody there', {} as mongo.TopologyDescription);

/** An error of a class that the driver does not export. */
export const namedByTheDriver = (name: string): mongo.MongoDriverError =>
  Object.defineProperty(new mongo.MongoDriverError('no connection'), 'name', { value: name });

/** The error that `bulkWrite` and `insertMany` reject with when the given error is thrown inside them. */
export const fromBulkWrite = (error: Error): mongo.MongoBulkWriteError =>
  new mongo.MongoBulkWriteError(error, {} as mongo.BulkWriteResult);
