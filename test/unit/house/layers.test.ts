import { expect } from 'chai';
import { houseRules, violationsIn, type Files } from './source-tree.js';

/** A program in small, which keeps to every rule. */
const CLEAN: Files = {
  'src/domain/fate.ts': 'export const fate = 1;',
  'src/application/ports/ledger.ts': 'export interface Ledger { settle(): void }',
  'src/application/settle.ts':
    "import { EventEmitter } from 'node:events';\n" +
    "import { fate } from '../domain/fate.js';\n" +
    "import type { Ledger } from './ports/ledger.js';\n" +
    'export const settle = (ledger: Ledger) => [ledger, fate, EventEmitter];',
  'src/adapters/mongodb/mongo-ledger.ts':
    "import { createHash } from 'node:crypto';\n" +
    "import mongoose from 'mongoose';\n" +
    "import type { Ledger } from '../../application/ports/ledger.js';\n" +
    'export const ledger = (): Ledger => ({ settle: () => void [mongoose, createHash] });',
  'src/adapters/http/app.ts':
    "import express from 'express'; import joi from 'joi'; export default [express, joi];",
  'src/config/container.ts':
    "import { Container } from 'inversify';\n" +
    "import { ledger } from '../adapters/mongodb/mongo-ledger.js';\n" +
    "import app from '../adapters/http/app.js';\n" +
    "import { settle } from '../application/settle.js';\n" +
    'export const container = [Container, ledger, app, settle];',
  'src/main.ts':
    "import { existsSync } from 'node:fs';\n" +
    "import { container } from './config/container.js';\n" +
    'existsSync(String(container));',
};

const importing = (path: string) => `import x from '${path}'; export const y = x;`;

/** For each rule the files that break it. */
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
  'adapters-never-each-other': [{ 'src/adapters/http/list.ts': importing('../mongodb/mongo-ledger.js') }],
  'adapters-import-inwards': [
    {
      'src/config/settings.ts': 'export default 1;',
      'src/adapters/http/list.ts': importing('../../config/settings.js'),
    },
  ],
  'adapter-http-packages': [{ 'src/adapters/http/list.ts': importing('mongoose') }],
  'adapter-ops-packages': [{ 'src/adapters/ops/health.ts': importing('prom-client') }],
  'adapter-kafka-packages': [{ 'src/adapters/kafka/kafka-log.ts': importing('express') }],
  'adapter-mongodb-packages': [{ 'src/adapters/mongodb/mongo-archive.ts': importing('kafkajs') }],
  'adapter-embedded-packages': [{ 'src/adapters/embedded/embedded-ledger.ts': importing('inversify') }],
  'adapter-logging-packages': [{ 'src/adapters/logging/logger.ts': importing('express') }],
  'adapter-metrics-packages': [{ 'src/adapters/metrics/telemetry.ts': importing('winston') }],
  'adapter-codec-packages': [{ 'src/adapters/codec/codec.ts': importing('kafkajs') }],
  'adapter-without-packages': [{ 'src/adapters/memory/in-memory-ledger.ts': importing('lmdb') }],
  'config-packages': [{ 'src/config/wiring.ts': importing('kafkajs') }],
  'config-imports-src': [
    {
      'test/support/fake.ts': 'export default 1;',
      'src/config/wiring.ts': importing('../../test/support/fake.js'),
    },
  ],
  'main-imports-config': [
    { 'src/main.ts': importing('./application/settle.js') },
    { 'src/migrate.ts': importing('./application/settle.js') },
  ],
  'known-places-only': [{ 'src/utils/strings.ts': importing('../domain/fate.js') }],
  'no-cycles': [{ 'src/domain/hen.ts': importing('./egg.js'), 'src/domain/egg.ts': importing('./hen.js') }],
  'no-orphans': [{ 'src/adapters/memory/forgotten.ts': 'export default 1;' }],
  'no-unresolvable': [{ 'src/adapters/memory/list.ts': importing('./missing.js') }],
  'no-dev-dependencies': [{ 'src/adapters/memory/assert.ts': importing('chai') }],
};

describe('The rules of the layers', function () {
  this.timeout(30_000);

  it('let a program through that keeps to them', async () => {
    expect(await violationsIn(CLEAN)).to.deep.equal([]);
  });

  it('are each shown to work here, and each say what to do instead', async () => {
    const rules = await houseRules();
    expect(rules.map(({ name }) => name)).to.have.members(Object.keys(VIOLATIONS));
    for (const { name, comment } of rules) expect(comment, name).to.match(/\w{3,}.*[.]$/);
  });

  for (const [rule, plants] of Object.entries(VIOLATIONS)) {
    it(`find what breaks ${rule}`, async () => {
      for (const plant of plants) {
        const found = await violationsIn({ ...CLEAN, ...plant });
        expect(new Set(found.map(({ rule: { name } }) => name))).to.include(rule);
        for (const { from } of found) expect(Object.keys(plant)).to.include(from);
      }
    });
  }
});
