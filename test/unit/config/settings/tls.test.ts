import { expect } from 'chai';
import { loadSettings } from '../../../../src/config/settings/settings.js';

describe('The settings of TLS', () => {
  const problemOf = (env: Readonly<Record<string, string>>): string => {
    try {
      loadSettings(env);
    } catch (error) {
      return String(error);
    }
    return 'none';
  };

  it('are absent by default', () => {
    expect(loadSettings({}).http.tls).to.equal(undefined);
  });

  it('are both files or none', () => {
    expect(problemOf({ TLS_CERT_FILE: '/c.pem' })).to.contain(
      'TLS_KEY_FILE is missing, while TLS_CERT_FILE is set',
    );
    expect(problemOf({ TLS_KEY_FILE: '/k.pem' })).to.contain(
      'TLS_CERT_FILE is missing, while TLS_KEY_FILE is set',
    );
  });

  it('name the files that cannot be used, together with other invalid variables', () => {
    const problem = problemOf({ TLS_CERT_FILE: '/no/c.pem', TLS_KEY_FILE: '/no/k.pem', PORT: 'x' });
    expect(problem).to.match(/PORT must be a number.*\n/);
    expect(problem).to.match(
      /TLS_CERT_FILE and TLS_KEY_FILE cannot be used: "\/no\/c.pem" and "\/no\/k.pem" \(ENOENT/,
    );
  });

  it('do not show a key that was pasted instead of its path', () => {
    const problem = problemOf({
      TLS_CERT_FILE: '/c.pem',
      TLS_KEY_FILE: '-----BEGIN PRIVATE KEY-----\nsecret',
    });
    expect(problem).to.contain('TLS_KEY_FILE must be the path of a PEM file').and.not.to.contain('secret');
  });
});
