// Drops one event in fifty from live streams.
import http from 'node:http';

const { write } = http.ServerResponse.prototype;
http.ServerResponse.prototype.write = function (chunk, ...rest) {
  const isEvent = typeof chunk === 'string' && chunk.startsWith('id: ');
  return isEvent && Math.random() < 0.02 ? true : write.call(this, chunk, ...rest);
};
