'use strict';

/** The npm packages that each adapter may use; one that is not listed uses none. Adding an adapter: add a line. */
const ADAPTER_PACKAGES = {
  http: ['express', 'joi'],
  kafka: ['kafkajs'],
  mongodb: ['mongoose', 'mongodb'],
  embedded: ['lmdb'],
  logging: ['winston'],
  metrics: ['prom-client'],
  codec: ['joi'],
};

/**
 * The folders of domain, application, each adapter and config, in one order for all of them. A folder imports
 * only folders further down this list, so that no two folders can come to depend on each other.
 */
const FOLDERS = [
  ...['legacy-import', 'retention', 'alerts', 'sending', 'delivery', 'inbox', 'failures', 'access'],
  // Technical ones, of kafka, mongodb, embedded, http and config.
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
const PARENTS = '^src/(domain|application|adapters/[^/]+|config)';

/** config wires: it names the container, the schema of the environment and what it hands to adapters. */
const CONFIG_PACKAGES = ['inversify', 'reflect-metadata', 'joi', 'prom-client'];

/** No files, no network, no processes: those are what ports are for. */
const APPLICATION_BUILTINS = ['events', 'timers/promises', 'util'];

const packages = (names) => `node_modules/(@types/)?(${names.join('|')})/`;
const builtins = (names) => `^(node:)?(${names.join('|')})$`;

const anyPackage = { path: 'node_modules/' };

const adapterRules = Object.entries(ADAPTER_PACKAGES).map(([adapter, names]) => ({
  name: `adapter-${adapter}-packages`,
  comment:
    `adapters/${adapter} uses ${names.join(' and ')} alone. Put what needs another package into an adapter of ` +
    'its own behind a port, or add the package to ADAPTER_PACKAGES if it is this same technology.',
  severity: 'error',
  from: { path: `^src/adapters/${adapter}/` },
  to: { ...anyPackage, pathNot: packages(names) },
}));

const folderRules = FOLDERS.slice(1).map((folder, index) => ({
  name: `folder-${folder}`,
  comment:
    `${folder} stands below other folders in FOLDERS of .dependency-cruiser.cjs and imports none of those. Move what ` +
    'both need into the lower folder, or pass it in as an argument.',
  severity: 'error',
  from: { path: `${PARENTS}/${folder}/` },
  to: { path: `^src/$1/(${FOLDERS.slice(0, index + 1).join('|')})/` },
}));

module.exports = {
  forbidden: [
    {
      name: 'domain-imports-nothing',
      comment:
        'The domain is pure rules, without even Node. Hand time, ids, randomness and hashes in as arguments; ' +
        'what has to call out belongs into application, behind a port.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'application-imports-domain',
      comment:
        'The application knows the domain and its own ports. Declare what you need as an interface in ' +
        'application/ports and let an adapter implement it.',
      severity: 'error',
      from: { path: '^src/application/' },
      to: { pathNot: '^src/(application|domain)/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'application-builtins',
      comment:
        `Of Node the application uses ${APPLICATION_BUILTINS.join(', ')} only. Files, network, clocks and hashes ` +
        'come in through a port.',
      severity: 'error',
      from: { path: '^src/application/' },
      to: { dependencyTypes: ['core'], pathNot: builtins(APPLICATION_BUILTINS) },
    },
    {
      name: 'adapters-never-each-other',
      comment:
        'An adapter can be changed without reading another one. Move what two share into application or ' +
        'domain, or let config hand one to the other through a port.',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'adapters-import-inwards',
      comment:
        'Adapters know application and domain. What they need from the settings is an argument of the ' +
        'constructor, handed in by config/wiring.',
      severity: 'error',
      from: { path: '^src/adapters/' },
      to: { path: '^(src|test|scripts|bench)/', pathNot: '^src/(adapters|application|domain)/' },
    },
    ...adapterRules,
    {
      name: 'adapter-without-packages',
      comment:
        'This adapter has no npm packages of its own. If it is to have one, name it in ADAPTER_PACKAGES of ' +
        '.dependency-cruiser.cjs.',
      severity: 'error',
      from: {
        path: '^src/adapters/',
        pathNot: `^src/adapters/(${Object.keys(ADAPTER_PACKAGES).join('|')})/`,
      },
      to: anyPackage,
    },
    {
      name: 'config-packages',
      comment:
        `config uses ${CONFIG_PACKAGES.join(', ')}. It may name any type. A driver belongs into its adapter; let that export a ` +
        'factory which takes settings.',
      severity: 'error',
      from: { path: '^src/config/' },
      to: { ...anyPackage, pathNot: packages(CONFIG_PACKAGES), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'config-imports-src',
      comment:
        'config wires what stands in src; nothing there depends on tests or tools. Move the shared part to src.',
      severity: 'error',
      from: { path: '^src/config/' },
      to: { path: '^(test|scripts|bench)/' },
    },
    {
      name: 'main-imports-config',
      comment:
        'main.ts and migrate.ts read the environment and start. Whatever else happens at start belongs into config.',
      severity: 'error',
      from: { path: '^src/(main|migrate)\\.ts$' },
      to: { pathNot: '^src/config/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'known-places-only',
      comment:
        'src holds domain, application, adapters, config, main.ts and migrate.ts. Put this file into the one whose rule it keeps.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/((domain|application|adapters/[^/]+|config)/|(main|migrate)\\.ts$)',
      },
      to: {},
    },
    ...folderRules,
    {
      name: 'kafkajs-internals',
      comment:
        "Only adapters/kafka/kafkajs-patches loads kafkajs's private modules. Put the patch there, with its reason " +
        'and a test, and export what the rest of the adapter needs.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/adapters/kafka/kafkajs-patches/' },
      to: { path: ['^(node:)?module$', 'node_modules/kafkajs/src/'] },
    },
    {
      name: 'no-cycles',
      comment:
        'Files that need each other are one thing or three: merge them, or move what both need to a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment:
        'Nothing imports this file and it imports nothing. Bind it in config/wiring/bindings, or delete it.',
      severity: 'error',
      from: { orphan: true, path: '^src/' },
      to: {},
    },
    {
      name: 'no-unresolvable',
      comment:
        'This import leads nowhere. Correct the path (it ends in .js), or add the package to package.json.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependencies',
      comment:
        'The image has no dev dependencies. Move the package to "dependencies" if the program needs it.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
