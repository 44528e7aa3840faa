import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { freePort } from '../../../scripts/stack/free-port.js';
import { Conversation } from '../../support/clients/conversation.js';
import { imageEnvironment, stages, textsOf, type Instruction } from '../../support/docs/dockerfile.js';
import { plainEnvironment } from '../../support/program/plain-environment.js';
import { temporaryFolder } from '../../support/program/spawned-program.js';

const run = promisify(execFile);
const [buildStage = [], imageStage = []] = stages();

/** Does what COPY does in our Dockerfile: files keep their names, a folder may get another one. */
function copy(from: string, to: string, text: string): void {
  const paths = text.split(' ').filter((word) => !word.startsWith('--'));
  const target = paths.pop() ?? '';
  for (const path of paths) {
    const name = target.endsWith('/') ? basename(path) : '';
    cpSync(join(from, path.replace(/^\/app\//, '')), join(to, target, name), { recursive: true });
  }
}

/** Runs locally what Docker would run in the build stage. */
async function build(stage: readonly Instruction[]): Promise<string> {
  const folder = temporaryFolder();
  for (const { keyword, text } of stage) {
    if (keyword === 'COPY') copy('.', folder, text);
    if (keyword === 'RUN') await run('sh', ['-ec', `${text} 1>&2`], { cwd: folder, env: plainEnvironment() });
  }
  return folder;
}

function compose(stage: readonly Instruction[], built: string): string {
  const folder = join(temporaryFolder(), 'app');
  mkdirSync(folder);
  for (const text of textsOf(stage, 'COPY'))
    copy(text.startsWith('--from=build') ? built : '.', folder, text);
  return folder;
}

function command(keyword: string): readonly string[] {
  const [text = ''] = textsOf(imageStage, keyword);
  return JSON.parse(text.slice(text.indexOf('['))) as string[];
}

describe("The image's contents, built without Docker", function () {
  this.timeout(300_000);
  let app: string;
  let program: ChildProcess | undefined;

  before(async () => {
    app = compose(imageStage, await build(buildStage));
  });

  afterEach(() => program?.kill('SIGKILL'));

  it('contain the program and its dependencies, and no compiler', () => {
    for (const path of ['dist/main.js', 'node_modules/express', 'LICENSE'])
      expect(existsSync(join(app, path)), path).to.be.true;
    for (const path of ['src', 'node_modules/typescript', 'node_modules/mocha'])
      expect(existsSync(join(app, path)), path).to.be.false;
  });

  it('start, become healthy, deliver a message, and exit with code 0', async () => {
    const port = await freePort();
    const own = { BACKEND: 'embedded', DATA_DIR: temporaryFolder(), HOST: '127.0.0.1', PORT: String(port) };
    const env = { ...plainEnvironment(), ...imageEnvironment(), ...own };
    const [node = '', ...args] = command('CMD');
    program = spawn(node, args, { cwd: app, env, stdio: ['ignore', 'pipe', 'ignore'] });
    await once(program.stdout!, 'data');

    const [checker = '', ...check] = command('HEALTHCHECK');
    await run(checker, check, { env });
    const conversation = new Conversation(`http://127.0.0.1:${String(port)}`);
    expect(await conversation.send({ from: 'clientA', to: 'clientB', message: 'hello' })).to.equal(201);
    expect(await conversation.storedMessages(1)).to.have.lengthOf(1);

    program.kill('SIGTERM');
    expect(await once(program, 'close')).to.deep.equal([0, null]);
    const afterwards = await run(checker, check, { env }).catch((error: unknown) => error);
    expect(afterwards).to.have.property('code', 1);
  });
});
