import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { expect } from 'chai';
import { VARIABLES } from '../../../../src/config/settings/environment.js';
import { loadSettings } from '../../../../src/config/settings/settings.js';

const text = readFileSync(new URL('../../../../.env.example', import.meta.url), 'utf8');

describe('.env.example', () => {
  it('configures the full back end at the usual addresses', () => {
    const { backend } = loadSettings(parseEnv(text));
    expect(backend).to.have.nested.property('kafka.brokers[0]', 'localhost:9092');
    expect(backend).to.have.nested.property(
      'mongodb.uri',
      'mongodb://localhost:27017/messaging-db?directConnection=true',
    );
  });

  it('names only variables that the program reads, also in its comments', () => {
    const named = [...text.matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(named).to.have.length.above(3);
    expect([...VARIABLES.keys()]).to.include.members(named);
  });
});
