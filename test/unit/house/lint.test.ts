import { expect } from 'chai';
import { ESLint } from 'eslint';

const eslint = new ESLint();

/** Runs our lint on a text in place of this file. */
async function rulesBrokenBy(text: string, filePath = 'src/domain/errors.ts'): Promise<(string | null)[]> {
  const results = await eslint.lintText(text, { filePath });
  return results.flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId));
}

const KINDS = "type Kind = 'stored' | 'duplicate';\n";
const CONTAINER =
  "import { Container } from 'inversify';\nclass Send {\n  readonly verb = 'send';\n}\nconst container = new Container();\n";
const BINDING_FILE = 'src/config/wiring/tokens.ts';

describe('The lint', function () {
  this.timeout(60_000);

  it('reports a promise that is not awaited', async () => {
    const text = 'async function settle() {}\nexport function deliver(): void {\n  settle();\n}\n';
    expect(await rulesBrokenBy(text)).to.deep.equal(['@typescript-eslint/no-floating-promises']);
    expect(await rulesBrokenBy(text.replace('  settle', '  void settle'))).to.deep.equal([]);
  });

  it('reports a switch over outcomes that misses one', async () => {
    const body = (rest: string) =>
      `${KINDS}export function count(kind: Kind): number {\n  switch (kind) {\n    case 'stored':\n      return 1;\n${rest}  }\n}\n`;
    const rule = '@typescript-eslint/switch-exhaustiveness-check';
    expect(await rulesBrokenBy(body('').replace(': number', ': number | undefined'))).to.deep.equal([rule]);
    expect(await rulesBrokenBy(body('    default:\n      return 0;\n'))).to.deep.equal([rule]);
    expect(await rulesBrokenBy(body("    case 'duplicate':\n      return 0;\n"))).to.deep.equal([]);
  });

  for (const call of ['to(Send)', 'toSelf()']) {
    it(`reports a binding by .${call.replace(/\(.*/, '')}, which reads decorators that our classes lack`, async () => {
      const text = `${CONTAINER}container.bind(Send).${call};\n`;
      expect(await rulesBrokenBy(text, BINDING_FILE)).to.deep.equal(['no-restricted-syntax']);
    });
  }

  it('accepts bindings by toResolvedValue, and other methods called "to"', async () => {
    const text =
      `${CONTAINER}container.bind(Send).toResolvedValue(() => new Send(), []);\n` +
      'export const line = { to: (end: number) => end }.to(3);\n';
    expect(await rulesBrokenBy(text, BINDING_FILE)).to.deep.equal([]);
  });

  it('reports a wall clock read without the Clock, and one used for measuring, in the program', async () => {
    const read = 'export const at = (): number => Date.now();\n';
    const measure =
      'export const took = (clock: { now(): number }, since: number): number => clock.now() - since;\n';
    for (const text of [read, measure, measure.replace('clock.now() - since', 'since - clock.now()')]) {
      expect(await rulesBrokenBy(text)).to.deep.equal(['no-restricted-syntax']);
      expect(await rulesBrokenBy(text, 'test/support/eventually.ts')).to.deep.equal([]);
    }
    expect(await rulesBrokenBy(measure.replaceAll('now()', 'elapsed()'))).to.deep.equal([]);
  });

  it('reports a type imported as a value', async () => {
    const text = "import { Message } from './message.js';\nexport type Envelope = Readonly<Message>;\n";
    expect(await rulesBrokenBy(text)).to.deep.equal(['@typescript-eslint/consistent-type-imports']);
  });

  it('reports a file that is too long, and printing outside scripts', async () => {
    expect(await rulesBrokenBy('// filler\n'.repeat(251))).to.deep.equal(['max-lines']);
    expect(await rulesBrokenBy("console.log('here');\n")).to.deep.equal(['no-console']);
    expect(await rulesBrokenBy("console.log('here');\n", 'scripts/start.mjs')).to.deep.equal([]);
  });
});
