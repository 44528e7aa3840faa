// Drops one write in ten of events from live streams. A run has about a hundred of them.
import http from 'node:http';

const { write } = http.ServerResponse.prototype;
http.ServerResponse.prototype.write = function (chunk, ...rest) {
  const isEvent = typeof chunk === 'string' && chunk.startsWith('id: ');
  return isEvent && Math.random() < 0.1 ? true : write.call(this, chunk, ...rest);
};
