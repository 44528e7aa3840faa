import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { loadSettings } from '../../../src/config/settings/settings.js';
import { copied, imageEnvironment, stages, textsOf } from '../../support/docs/dockerfile.js';

const read = (path: string): string => readFileSync(path, 'utf8');
const manifest = JSON.parse(read('package.json')) as Record<'name' | 'license', string> & {
  readonly scripts: Readonly<Record<string, string>>;
};
const [build = [], image = []] = stages();

describe('The image', () => {
  it('is built in one stage and runs in another, on the Node version of .nvmrc', () => {
    expect(stages()).to.have.lengthOf(2);
    for (const stage of stages()) {
      expect(textsOf(stage, 'FROM')[0]).to.match(
        new RegExp(`^node:${read('.nvmrc').trim()}-slim( AS build)?$`),
      );
    }
  });

  it('is built by npm, with existing scripts, and drops the dev dependencies at the end', () => {
    const steps = textsOf(build, 'RUN');
    expect([steps[0], steps.at(-1)]).to.deep.equal(['npm ci', 'npm prune --omit=dev']);
    for (const step of steps.slice(1, -1)) {
      expect(manifest.scripts).to.have.property(step.replace(/^npm run /, ''));
    }
    expect(textsOf(image, 'RUN')).to.deep.equal([]);
  });

  it('is built by steps that have passed before a change lands', () => {
    const ci = read('.ci/run').split('\n');
    for (const step of textsOf(build, 'RUN').filter((each) => !each.startsWith('npm prune'))) {
      expect(ci.map((line) => line.replace(' --silent', ''))).to.include(step);
    }
  });

  it('contains what .dockerignore includes, and nothing else', () => {
    const fromOutside = new Set([
      ...copied(build),
      ...copied(image.filter(({ text }) => !text.startsWith('--from'))),
    ]);
    const lines = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines[0]).to.equal('*');
    expect(lines.slice(1)).to.have.members([...fromOutside].map((path) => `!${path.replace(/^\.\//, '')}`));
  });

  it('runs the program directly, and not as root', () => {
    expect(textsOf(image, 'USER')).to.deep.equal(['node']);
    const [flags] = /--.*(?= scripts)/.exec(manifest.scripts['start'] ?? '') ?? [];
    const words = ['node', ...(flags?.split(' ') ?? []), 'dist/main.js'];
    expect(textsOf(image, 'CMD').map((text) => JSON.parse(text) as unknown)).to.deep.equal([words]);
  });

  it('has a health check for liveness', () => {
    expect(textsOf(image, 'HEALTHCHECK')[0]).to.match(/CMD \["node", "-e", ".*\/health\/live.*"\]$/);
  });

  it('starts with Kafka and MongoDB and listens on all interfaces, given their addresses', () => {
    const servers = { KAFKA_BROKER: 'kafka:9092', MONGODB_URI: 'mongodb://mongodb' };
    const settings = loadSettings({ ...imageEnvironment(), ...servers });
    expect(settings.backend.kind).to.equal('full');
    expect(settings.http).to.include({ host: '0.0.0.0', port: 3000 });
    expect(imageEnvironment()).to.include({ NODE_ENV: 'production' });
    expect(textsOf(image, 'EXPOSE')).to.deep.equal(['3000']);
  });

  it('describes itself as package.json does', () => {
    const [labels] = textsOf(image, 'LABEL');
    expect(labels).to.include(`org.opencontainers.image.title="${manifest.name}"`);
    expect(labels).to.include(`org.opencontainers.image.licenses="${manifest.license}"`);
  });
});
