import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createFolder } from '../../../../../src/adapters/embedded/store/create-folder.js';
import { temporaryFolder } from '../../../../support/program/spawned-program.js';

describe('createFolder', () => {
  it('creates the folder and its missing parents, and keeps those that exist', () => {
    const path = join(temporaryFolder(), 'a', 'b');
    createFolder(path);
    writeFileSync(join(path, 'file'), '');
    createFolder(path);
    expect(statSync(join(path, 'file')).isFile()).to.equal(true);
  });

  it('throws if the system reports ENOENT although the parent exists', () => {
    const parent = temporaryFolder();
    const make = (path: string): never => {
      throw Object.assign(new Error(`ENOENT: no such file or directory, mkdir '${path}'`), {
        code: 'ENOENT',
      });
    };
    const path = join(parent, 'new');
    expect(() => {
      createFolder(path, make);
    }).to.throw(`mkdir '${path}'`);
    expect(existsSync(path)).to.equal(false);
  });

  it('throws if the path, or a parent, is a file', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below')]) {
      expect(() => {
        createFolder(path);
      }, path).to.throw(/E(XIST|NOTDIR)/);
    }
  });

  it('accepts a folder that another process creates at the same time', () => {
    const path = join(temporaryFolder(), 'new');
    const make = (folder: string): never => {
      mkdirSync(folder);
      throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
    };
    createFolder(path, make);
    expect(existsSync(path)).to.equal(true);
  });
});
