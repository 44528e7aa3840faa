import { expect } from 'chai';
import { buildContainer } from '../../../../src/config/wiring/container.js';
import { loadSettings } from '../../../../src/config/settings/settings.js';
import { TOKENS } from '../../../../src/config/wiring/tokens.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { temporaryFolder } from '../../../support/program/spawned-program.js';

const FULL = { KAFKA_BROKER: '127.0.0.1:9', MONGODB_URI: 'mongodb://127.0.0.1:9/postrider-test' };

const setups = [
  ['embedded, both roles', { DATA_DIR: temporaryFolder() }],
  ['full, both roles', FULL],
  ['full, api', { ...FULL, ROLES: 'api' }],
  ['full, receiver', { ...FULL, ROLES: 'receiver' }],
] as const;

describe('The container', () => {
  for (const [what, env] of setups) {
    it(`resolves every token: ${what}`, async () => {
      const container = buildContainer(loadSettings(env), { logger: new RecordingLogger() });
      for (const [name, token] of Object.entries(TOKENS))
        expect(container.get(token as symbol), name).to.exist;
      for (const component of container.get(TOKENS.backendComponents)) await component.stop?.();
    });
  }

  it('returns the same instance to every caller', async () => {
    const container = buildContainer(loadSettings({ DATA_DIR: temporaryFolder() }));
    for (const [name, token] of Object.entries(TOKENS)) {
      const service: unknown = container.get(token as symbol);
      expect(container.get(token as symbol) === service, name).to.equal(true);
    }
    for (const component of container.get(TOKENS.backendComponents)) await component.stop?.();
  });

  it('accepts parts that a test substitutes', () => {
    const logger = new RecordingLogger();
    const container = buildContainer(loadSettings(FULL), { logger });
    expect(container.get(TOKENS.logger)).to.equal(logger);
    container.get(TOKENS.telemetry).deadLettered('undecodable', 'an-id');
    expect(logger.events()).to.deep.equal(['delivery.dead-lettered']);
  });
});
