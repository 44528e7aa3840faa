import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { isBuildStale } from '../../../scripts/build-state.mjs';
import { temporaryFolder } from '../../support/program/spawned-program.js';

const BUILT_AT = 1_000_000;

describe('The build', () => {
  let root: string;

  const at = (path: string, seconds: number): void => {
    utimesSync(join(root, path), seconds, seconds);
  };

  beforeEach(() => {
    root = temporaryFolder();
    for (const folder of ['src/domain', 'dist']) mkdirSync(join(root, folder), { recursive: true });
    for (const file of [
      'package.json',
      'tsconfig.json',
      'src/main.ts',
      'src/domain/fate.ts',
      'dist/main.js',
    ]) {
      writeFileSync(join(root, file), '');
      at(file, BUILT_AT - 1);
    }
    for (const folder of ['src', 'src/domain']) at(folder, BUILT_AT - 1);
    at('dist/main.js', BUILT_AT);
  });

  it('is fresh while it is newer than all its inputs', () => {
    expect(isBuildStale(root)).to.be.false;
  });

  it('is stale if there is none', () => {
    rmSync(join(root, 'dist'), { recursive: true });
    expect(isBuildStale(root)).to.be.true;
  });

  for (const path of ['src/main.ts', 'src/domain/fate.ts', 'package.json', 'tsconfig.json']) {
    it(`is stale if ${path} is newer`, () => {
      at(path, BUILT_AT + 1);
      expect(isBuildStale(root)).to.be.true;
    });
  }

  it('is stale if a source was deleted', () => {
    rmSync(join(root, 'src/domain/fate.ts'));
    expect(isBuildStale(root)).to.be.true;
  });

  it('does not depend on other files', () => {
    writeFileSync(join(root, 'README.md'), '');
    expect(isBuildStale(root)).to.be.false;
  });
});
