import { expect } from 'chai';
import { houseRules, violationsIn, type Files } from './source-tree.js';

/** A small program that follows every rule. */
const CLEAN: Files = {
  'src/domain/delivery/fate.ts': 'export const fate = 1;',
  'src/application/ports/ledger.ts': 'export interface Ledger { settle(): void }',
  'src/application/delivery/settle.ts':
    "import { EventEmitter } from 'node:events';\n" +
    "import { fate } from '../../domain/delivery/fate.js';\n" +
    "import type { Ledger } from '../ports/ledger.js';\n" +
    'export const settle = (ledger: Ledger) => [ledger, fate, EventEmitter];',
  'src/adapters/mongodb/delivery/mongo-ledger.ts':
    "import { createHash } from 'node:crypto';\n" +
    "import mongoose from 'mongoose';\n" +
    "import type { Ledger } from '../../../application/ports/ledger.js';\n" +
    'export const ledger = (): Ledger => ({ settle: () => void [mongoose, createHash] });',
  'src/adapters/http/app.ts':
    "import express from 'express'; import joi from 'joi'; export default [express, joi];",
  'src/config/wiring/container.ts':
    "import { Container } from 'inversify';\n" +
    "import { ledger } from '../../adapters/mongodb/delivery/mongo-ledger.js';\n" +
    "import app from '../../adapters/http/app.js';\n" +
    "import { settle } from '../../application/delivery/settle.js';\n" +
    'export const container = [Container, ledger, app, settle];',
  'src/main.ts':
    "import { existsSync } from 'node:fs';\n" +
    "import { container } from './config/wiring/container.js';\n" +
    'existsSync(String(container));',
};

const importing = (path: string) => `import x from '${path}'; export const y = x;`;

/** The folders that must not import those above them, in the order of the rules. */
const LOWER_FOLDERS = [
  ...['retention', 'alerts', 'sending', 'delivery', 'inbox', 'failures', 'access'],
  ...[
    'consuming',
    'producing',
    'topics',
    'connection',
    'transactions',
    'client',
    'compression',
    'kafkajs-patches',
    'schema',
  ],
  ...['log', 'store', 'ops', 'server', 'wiring', 'running', 'settings'],
];

/** A file in a folder that imports a file of a folder above it. */
const upwards = (parent: string, folder: string, above: string): Files => ({
  [`src/${parent}/${above}/used.ts`]: 'export default 1;',
  [`src/${parent}/${folder}/user.ts`]: importing(`../${above}/used.js`),
});

const FOLDER_VIOLATIONS: Readonly<Record<string, Files>> = {
  ...Object.fromEntries(
    LOWER_FOLDERS.map((folder, index) => {
      const above = LOWER_FOLDERS[index - 1] ?? 'legacy-import';
      return [`folder-${folder}`, upwards('adapters/embedded', folder, above)];
    }),
  ),
  'folder-failures': Object.assign(
    {},
    ...['domain', 'application', 'adapters/http', 'config'].map((parent) =>
      upwards(parent, 'failures', 'sending'),
    ),
  ),
};

/** For each rule, the files that break it. */
const VIOLATIONS: Readonly<Record<string, readonly Files[]>> = {
  'domain-imports-nothing': [
    { 'src/domain/rule.ts': importing('node:crypto') },
    { 'src/domain/rule.ts': importing('joi') },
    {
      'src/domain/rule.ts':
        "import type { Ledger } from '../application/ports/ledger.js'; export type L = Ledger;",
    },
  ],
  'application-imports-domain': [
    { 'src/application/send.ts': importing('joi') },
    { 'src/application/send.ts': importing('inversify') },
    { 'src/application/send.ts': importing('../adapters/http/app.js') },
  ],
  'application-builtins': [{ 'src/application/send.ts': importing('node:fs') }],
  'adapters-never-each-other': [
    { 'src/adapters/http/list.ts': importing('../mongodb/delivery/mongo-ledger.js') },
  ],
  'adapters-import-inwards': [
    {
      'src/config/settings.ts': 'export default 1;',
      'src/adapters/http/list.ts': importing('../../config/settings.js'),
    },
  ],
  'adapter-http-packages': [{ 'src/adapters/http/list.ts': importing('mongoose') }],
  'adapter-kafka-packages': [{ 'src/adapters/kafka/kafka-log.ts': importing('express') }],
  'adapter-mongodb-packages': [{ 'src/adapters/mongodb/mongo-archive.ts': importing('kafkajs') }],
  'adapter-embedded-packages': [{ 'src/adapters/embedded/embedded-ledger.ts': importing('inversify') }],
  'adapter-logging-packages': [{ 'src/adapters/logging/logger.ts': importing('express') }],
  'adapter-metrics-packages': [{ 'src/adapters/metrics/telemetry.ts': importing('winston') }],
  'adapter-codec-packages': [{ 'src/adapters/codec/codec.ts': importing('kafkajs') }],
  'adapter-without-packages': [{ 'src/adapters/system/system-clock.ts': importing('lmdb') }],
  'config-packages': [{ 'src/config/wiring.ts': importing('kafkajs') }],
  'config-imports-src': [
    {
      'test/support/fake.ts': 'export default 1;',
      'src/config/wiring.ts': importing('../../test/support/fake.js'),
    },
  ],
  'main-imports-config': [
    { 'src/main.ts': importing('./application/delivery/settle.js') },
    { 'src/migrate.ts': importing('./application/delivery/settle.js') },
  ],
  'known-places-only': [{ 'src/utils/strings.ts': importing('../domain/delivery/fate.js') }],
  'kafkajs-internals': [
    { 'src/adapters/kafka/client/kafka-client.ts': importing('node:module') },
    { 'src/adapters/kafka/client/kafka-client.ts': importing('kafkajs/src/cluster/index.js') },
  ],
  'no-cycles': [{ 'src/domain/hen.ts': importing('./egg.js'), 'src/domain/egg.ts': importing('./hen.js') }],
  'no-orphans': [{ 'src/adapters/system/forgotten.ts': 'export default 1;' }],
  'no-unresolvable': [{ 'src/adapters/system/list.ts': importing('./missing.js') }],
  'no-dev-dependencies': [{ 'src/adapters/system/assert.ts': importing('chai') }],
};

describe('The layer rules', function () {
  this.timeout(30_000);

  it('accept a program that follows them', async () => {
    expect(await violationsIn(CLEAN)).to.deep.equal([]);
  });

  it('are each tested here, and each say what to do instead', async () => {
    const rules = await houseRules();
    expect(rules.map(({ name }) => name)).to.have.members(
      Object.keys({ ...VIOLATIONS, ...FOLDER_VIOLATIONS }),
    );
    for (const { name, comment } of rules) expect(comment, name).to.match(/\w{3,}.*[.]$/);
  });

  for (const [rule, plants] of Object.entries(VIOLATIONS)) {
    it(`report what breaks ${rule}`, async () => {
      for (const plant of plants) {
        const found = await violationsIn({ ...CLEAN, ...plant });
        expect(new Set(found.map(({ rule: { name } }) => name))).to.include(rule);
        for (const { from } of found) expect(Object.keys(plant)).to.include(from);
      }
    });
  }

  it('report imports that break the order of the folders', async () => {
    const plants: Files = Object.assign({}, ...Object.values(FOLDER_VIOLATIONS));
    const found = await violationsIn({ ...CLEAN, ...plants });
    for (const [rule, files] of Object.entries(FOLDER_VIOLATIONS)) {
      const users = Object.keys(files).filter((path) => path.endsWith('user.ts'));
      expect(found.filter(({ rule: { name } }) => name === rule).map(({ from }) => from)).to.have.members(
        users,
      );
    }
  });
});
