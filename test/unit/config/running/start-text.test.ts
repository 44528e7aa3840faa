import { resolve } from 'node:path';
import { expect } from 'chai';
import { loadSettings } from '../../../../src/config/settings/settings.js';
import { startText } from '../../../../src/config/running/start-text.js';

const FULL = {
  KAFKA_BROKER: 'k1:9092,k2:9092',
  MONGODB_URI:
    'mongodb://user:p%40ss%3Fw0rd@m1:27017,m2:27017/mail?authSource=admin&tlsCertificateKeyFilePassword=x',
};

const text = (env: Record<string, string>, port = 3000) => startText(loadSettings(env), port);

describe('The start text', () => {
  it('names the address, with the actual port', () => {
    expect(text({ PORT: '0' }, 4711)).to.include('listening on http://127.0.0.1:4711\n');
    expect(text({ HOST: '::1' })).to.include('listening on http://[::1]:3000\n');
  });

  it('names the embedded back end, its folder, and how to switch', () => {
    const line = text({ DATA_DIR: './mail' });
    expect(line).to.include(`embedded, in ${resolve('./mail')}`);
    expect(line).to.include('KAFKA_BROKER and MONGODB_URI switch');
  });

  it('names the servers of the full back end without credentials, and how to switch', () => {
    const line = text(FULL);
    expect(line).to.include(
      'full, Kafka at k1:9092,k2:9092, MongoDB at mongodb://m1:27017,m2:27017/mail (BACKEND=embedded',
    );
    for (const secret of ['user', 'w0rd', 'Password']) expect(line).not.to.include(secret);
    expect(text({ ...FULL, MONGODB_URI: 'mongodb://m1/mail' })).to.include('mongodb://m1/mail (');
  });

  it('contains a curl command to try first, with an address that can be reached', () => {
    expect(text({ HOST: '0.0.0.0' })).to.match(
      /try: curl -i http:\/\/localhost:3000\/send-message -H .* -d '\{"from":/,
    );
    expect(text({ ...FULL, ROLES: 'receiver' })).to.include('try: curl http://127.0.0.1:3000/health/ready');
  });

  it('says that messages to other clients wait if not every client is served', () => {
    expect(text({ RECEIVER_CLIENTS: 'clientB, clientA' })).to.include(
      "receives for clientA,clientB: others' mail waits",
    );
    expect(text({})).not.to.include('waits');
    expect(text({ ...FULL, ROLES: 'api', RECEIVER_CLIENTS: 'clientB' })).not.to.include('waits');
  });
});
