/**
 * Preloaded into a program under test by `node --import`. Disturbs the network and the clock of that process only. The
 * control file, named by TORTURE_CONTROL, holds `{ clockMs, links: { [port]: 'isolated' | 'slow' | 'losing' } }` and is
 * read every 50 ms.
 */
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';

const POLL_MS = 50;
const SLOW_MS = 300;
const RealDate = Date;

let text = '';
let control = { clockMs: 0, links: {} };
/** Callbacks for each change of the control file. */
const onChange = new Set();

function readControl() {
  try {
    const next = readFileSync(process.env.TORTURE_CONTROL, 'utf8');
    if (next === text) return;
    text = next;
    control = JSON.parse(next);
  } catch {
    // The file does not exist yet: disturb nothing.
    return;
  }
  for (const changed of onChange) changed();
}

readControl();
setInterval(readControl, POLL_MS).unref();

const now = () => RealDate.now() + control.clockMs;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});

/** Holds back or delays the data that the socket sends and receives, in order, or destroys the socket. */
function disturb(socket, port) {
  const mode = () => control.links[port];
  const { push, write, emit } = socket;
  const deferred = [];
  let flushing = false;

  const perform = ({ method, args }) => {
    if (!socket.destroyed) method.apply(socket, args);
  };
  const flush = () => {
    if (flushing) return;
    flushing = true;
    const next = () => {
      flushing = deferred.length > 0 && mode() !== 'isolated';
      if (!flushing) return;
      const delay = mode() === 'slow' ? deferred[0].due - performance.now() : 0;
      if (delay > 0) {
        setTimeout(next, delay);
      } else {
        perform(deferred.shift());
        next();
      }
    };
    next();
  };
  const defer = (method, args) => {
    deferred.push({ method, args, due: performance.now() + SLOW_MS * Math.random() });
    flush();
    return true;
  };
  const isTransparent = () => deferred.length === 0 && mode() !== 'isolated' && mode() !== 'slow';

  socket.push = (...args) => {
    if (mode() === 'losing' && args[0] !== null) {
      // The request has arrived; its response is lost with the connection.
      socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
      return false;
    }
    return isTransparent() ? push.apply(socket, args) : defer(push, args);
  };
  socket.write = (...args) => (isTransparent() ? write.apply(socket, args) : defer(write, args));
  socket.emit = (...args) => {
    const isConnectEvent = args[0] === 'connect' || args[0] === 'secureConnect';
    return isConnectEvent && !isTransparent() ? defer(emit, args) : emit.apply(socket, args);
  };
  onChange.add(flush);
  socket.once('close', () => onChange.delete(flush));
  return socket;
}

const portOf = ([first]) => (typeof first === 'object' && first !== null ? first.port : first);

const originalConnect = net.connect;
net.connect = net.createConnection = (...args) => disturb(originalConnect(...args), portOf(args));
const originalTlsConnect = tls.connect;
tls.connect = (...args) => disturb(originalTlsConnect(...args), portOf(args));
syncBuiltinESMExports();
