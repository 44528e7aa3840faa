import { createRequire } from 'node:module';
import { expect } from 'chai';
import { quietRequestQueues } from '../../../../../src/adapters/kafka/kafkajs-patches/quiet-request-queue.js';

const require = createRequire(import.meta.url);

describe('quietRequestQueues', () => {
  it('keeps a timer on a kafkajs connection only while requests are pending', () => {
    quietRequestQueues();
    quietRequestQueues();
    const RequestQueue = require('kafkajs/src/network/requestQueue/index.js');
    const queue = new RequestQueue({ logger: { debug: () => undefined }, requestTimeout: 1_000 });
    queue.scheduleCheckPendingRequests();
    expect(queue.throttleCheckTimeoutId).to.equal(null);
    queue.pending.push({});
    queue.scheduleCheckPendingRequests();
    expect(queue.throttleCheckTimeoutId).not.to.equal(null);
    queue.destroy();
  });
});
