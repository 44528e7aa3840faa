import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { partitionOfKey } from '../../../src/adapters/kafka/producing/partitioner.js';
import { Conversation } from '../../support/clients/conversation.js';
import { partOf } from '../../support/docs/documents.js';
import { Example } from '../../support/docs/example.js';
import { eventually } from '../../support/eventually.js';
import { fullBackend } from '../../support/program/full-backend.js';
import { SpawnedProgram, temporaryFolder, type ProgramEnv } from '../../support/program/spawned-program.js';

const DOCUMENT = 'docs/kafka.md';
/** The partition of bob among the four of the test. */
const PARTITION = `partition ${String(partitionOfKey('bob', 4))}`;
const hasConfluentKafka = spawnSync('python3', ['-c', 'import confluent_kafka']).status === 0;

describe('The programs in docs/kafka.md', function () {
  this.timeout(60_000);
  let env: ProgramEnv;
  let program: SpawnedProgram;
  let conversation: Conversation;
  const examples: Example[] = [];

  before(async () => {
    env = await fullBackend();
    program = await SpawnedProgram.start(env);
    conversation = new Conversation(program.url);
    await eventually(async () => (await conversation.send({ from: 'a', to: 'b', message: 'ours' })) === 201);
  });

  afterEach(async () => {
    await Promise.all(examples.splice(0).map((example) => example.kill()));
  });

  after(async () => {
    await program.stop();
  });

  /** Runs a part of the document as printed, with the addresses and topics of this test. */
  function run(part: string, command: string, file: string): Example {
    const [, code = ''] = /```\w+\n(.*?)```/s.exec(partOf(DOCUMENT, part)) ?? [];
    const folder = temporaryFolder();
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    const adapted = code
      .replaceAll('127.0.0.1:9092', String(env['KAFKA_BROKER']))
      .replaceAll('failure-report', `${String(env['KAFKA_TOPIC'])}-failure-report`)
      .replaceAll('client-messages', String(env['KAFKA_TOPIC']));
    writeFileSync(join(folder, file), adapted);
    const example = new Example([command, join(folder, file)], program.url);
    examples.push(example);
    return example;
  }

  const inboxOfBob = async (): Promise<readonly string[]> => {
    const rows = await conversation.storedMessages(1);
    return rows.filter(({ to }) => to === 'bob').map(({ message }) => message);
  };

  async function expectMessage(message: string): Promise<void> {
    await eventually(async () => (await inboxOfBob()).includes(message));
  }

  it('produce a message in Node twice, in the partition of its recipient, and it is stored once', async () => {
    const example = run('produce-in-node', process.execPath, 'produce.mjs');
    expect(await example.ended, example.stderr).to.equal(0);
    expect(example.stdout).to.equal([1, 2].map((n) => `attempt ${String(n)}: ${PARTITION}\n`).join(''));
    await conversation.send({ from: 'shop', to: 'bob', message: 'sent later' });
    await expectMessage('sent later');
    expect(await inboxOfBob()).to.deep.equal(['3 apples?', 'sent later']);
  });

  // CI does not install this package.
  if (hasConfluentKafka)
    it('produce a message in Python, in the partition of its recipient', async () => {
      const example = run('produce-in-python', 'python3', 'produce.py');
      expect(await example.ended, example.stderr).to.equal(0);
      expect(example.stdout).to.equal(`${PARTITION}\n`);
      await expectMessage('5 pears?');
    });

  it('read the dead letters', async () => {
    expect(await conversation.send({ from: 'shop', to: 'bob', message: '' })).to.equal(400);
    const example = run('read-dead-letters', process.execPath, 'read.mjs');
    await example.waitForOutput(
      'refused invalid-message Message validation failed: message: Path `message` is required.\n',
    );
    await example.waitForOutput('"from":"shop","to":"bob","message":""');
  });

  it('name the partitions that the document states for 12', () => {
    const text = readFileSync(DOCUMENT, 'utf8').replaceAll('\n', ' ');
    const stated = /of 12 partitions, (.*?)\./.exec(text)?.[1] ?? '';
    const partitions = [...stated.matchAll(/`(\w+)` (?:has )?(\d+)/g)];
    expect(partitions).to.have.length(3);
    for (const [, name = '', place] of partitions) expect(partitionOfKey(name, 12)).to.equal(Number(place));
  });
});
