import { expect } from 'chai';
import { givenValue } from '../../../../src/config/settings/given-value.js';

describe('givenValue', () => {
  it('quotes the value, in one line', () => {
    expect(givenValue('PORT', 'http')).to.equal('"http"');
    expect(givenValue('HOST', 'a\nb\u001b[31m')).to.equal(String.raw`"a\nb\u001b[31m"`);
  });

  it('shortens a long value', () => {
    expect(givenValue('KAFKA_TOPIC', 'x'.repeat(1_000))).to.equal(`"${'x'.repeat(100)}…"`);
  });

  it('hides secrets', () => {
    expect(givenValue('ALERT_WEBHOOK_SECRET', 'secret')).to.equal(undefined);
    expect(givenValue('KAFKA_SASL_PASSWORD', 'secret')).to.equal(undefined);
    expect(givenValue('KAFKA_SSL_KEY', 'MIIEvQ/secret+text==')).to.equal(undefined);
    expect(givenValue('KAFKA_SSL_KEY', '-----BEGIN PRIVATE KEY-----\nsecret')).to.equal(undefined);
  });

  it('shows the path of a certificate or key', () => {
    for (const path of ['/run/secrets/key', './key', 'certificates/key.pem']) {
      expect(givenValue('KAFKA_SSL_KEY', path)).to.equal(`"${path}"`);
    }
  });

  it('hides the credentials in a URI', () => {
    expect(givenValue('MONGODB_URI', 'postgres://u:secret@h/d?x=secret')).to.equal('"postgres://h/d"');
    expect(givenValue('KAFKA_BROKER', 'kafka://u:sec,ret@h')).to.equal('"***@h"');
  });

  it('shows only the site of a webhook, whose path may be a secret', () => {
    expect(givenValue('ALERT_WEBHOOK_URL', 'ftp://u:secret@x:1/secret?secret')).to.equal('"ftp://x:1/***"');
    for (const url of ['x/secret', 'mailto:secret', 'secret']) {
      expect(givenValue('ALERT_WEBHOOK_URL', url), url).to.equal(undefined);
    }
  });
});
