import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const TYPESCRIPT = ['**/*.ts'];
const JAVASCRIPT = ['**/*.{js,mjs,cjs}'];

/** `bind(X).to(Y)` and `bind(X).toSelf()` read decorators, which our classes do not have. */
const UNDECORATED_BINDINGS = {
  selector:
    'CallExpression[callee.property.name=/^to(Self)?$/]' +
    ':matches([callee.object.callee.property.name=/^(re)?bind(Sync)?$/], [callee.object.callee.name=/^(re)?bind(Sync)?$/])',
  message: 'Bind undecorated classes with toResolvedValue((a, b) => new X(a, b), [A, B]) and typed tokens.',
};

const WALL_CLOCK_READ = {
  selector: "MemberExpression[object.name='Date'][property.name='now']",
  message:
    'Take a Clock: elapsed() for what lasts within this process, now() for times that are stored or shown.',
};

const WALL_CLOCK_DIFFERENCE = {
  selector:
    "BinaryExpression[operator='-'] > CallExpression[callee.type='MemberExpression'][callee.property.name='now']",
  message:
    'The wall clock may be set: measure with elapsed(). Ages of stored times are the exception; say so.',
};

const house = {
  'no-restricted-syntax': ['error', UNDECORATED_BINDINGS],
  'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
  complexity: ['error', 15],
  'no-console': 'error',
  eqeqeq: 'error',
};

const typed = {
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': 'error',
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
  // An empty method of a null object and a `() => undefined` for `() => void` say what they mean.
  '@typescript-eslint/no-empty-function': 'off',
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  // `async` methods of a port may have nothing to await, and still must reject instead of throw.
  '@typescript-eslint/require-await': 'off',
  // TypeScript takes a flag for what it was before an await, during which a callback may have changed it.
  '@typescript-eslint/no-unnecessary-condition': 'off',
  // `[...text]` is how code points are counted, and code points are what the message rules count.
  '@typescript-eslint/no-misused-spread': ['error', { allow: [{ from: 'lib', name: 'String' }, 'string'] }],
  // Objects of the same shape are as good to winston, the MongoDB driver and our own errors' tests.
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
};

/**
 * What chai's `expect(x).to.be.true`, supertest's `response.body`, and failures planned by a test need.
 */
const tests = {
  '@typescript-eslint/no-unused-expressions': 'off',
  '@typescript-eslint/no-non-null-assertion': 'off',
  '@typescript-eslint/only-throw-error': 'off',
  '@typescript-eslint/await-thenable': 'off',
  '@typescript-eslint/no-misused-spread': 'off',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/no-unsafe-argument': 'off',
  '@typescript-eslint/no-unsafe-assignment': 'off',
  '@typescript-eslint/no-unsafe-call': 'off',
  '@typescript-eslint/no-unsafe-member-access': 'off',
  '@typescript-eslint/no-unsafe-return': 'off',
};

export default defineConfig(
  { ignores: ['node_modules/', 'dist/', 'data/', 'coverage/', '.stack/', 'examples/**/node_modules/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: typed,
  },
  { rules: house },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', UNDECORATED_BINDINGS, WALL_CLOCK_READ, WALL_CLOCK_DIFFERENCE],
    },
  },
  { files: ['test/**/*.ts'], rules: tests },
  { files: ['scripts/**', 'bench/**', 'torture/**', 'examples/**'], rules: { 'no-console': 'off' } },
  {
    files: JAVASCRIPT,
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        module: 'writable',
        require: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        Buffer: 'readonly',
        performance: 'readonly',
        fetch: 'readonly',
      },
    },
  },
);
