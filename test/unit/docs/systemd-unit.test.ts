import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { expect } from 'chai';
import { VARIABLES } from '../../../src/config/settings/environment.js';
import { loadSettings } from '../../../src/config/settings/settings.js';
import { partOf } from '../../support/docs/documents.js';
import { parseUnit, ServiceSettings } from '../../support/docs/systemd-unit.js';

const PRODUCTION = 'docs/production.md';

/** The settings that must be on, in the unit and in every later version of it. */
const HARDENING = [
  'DynamicUser',
  'LockPersonality',
  'NoNewPrivileges',
  'PrivateDevices',
  'PrivateTmp',
  'PrivateUsers',
  'ProtectClock',
  'ProtectControlGroups',
  'ProtectHome',
  'ProtectHostname',
  'ProtectKernelLogs',
  'ProtectKernelModules',
  'ProtectKernelTunables',
  'RemoveIPC',
  'RestrictNamespaces',
  'RestrictRealtime',
  'RestrictSUIDSGID',
];

const COMMON = [
  'CapabilityBoundingSet',
  'Environment',
  'EnvironmentFile',
  'ExecStart',
  'ProtectProc',
  'ProtectSystem',
  'Restart',
  'RestartSec',
  'RestrictAddressFamilies',
  'StateDirectory',
  'StateDirectoryMode',
  'SystemCallArchitectures',
  'SystemCallErrorNumber',
  'SystemCallFilter',
  'TimeoutStopSec',
  'Type',
  'UMask',
  'WorkingDirectory',
];

describe('The systemd unit', () => {
  const service = new ServiceSettings();

  it('has three sections, and starts at boot once the network is up', () => {
    expect([...service.unit.keys()]).to.deep.equal(['Unit', 'Service', 'Install']);
    for (const name of ['Wants', 'After'])
      expect(service.unit.get('Unit')?.get(name)).to.deep.equal(['network-online.target']);
    expect(service.unit.get('Install')?.get('WantedBy')).to.deep.equal(['multi-user.target']);
  });

  // systemd ignores a setting whose name it does not know.
  it('has settings with known names only', () => {
    expect(service.names).to.have.members([...HARDENING, ...COMMON]);
  });

  it('runs the program directly, with the flags of npm start', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } };
    const [flags = ''] = /--.*(?= scripts)/.exec(scripts.start) ?? [];
    expect(service.command).to.deep.equal(['/usr/bin/node', ...flags.split(' '), 'dist/main.js']);
  });

  it('uses the folders and the file that the document installs', () => {
    const install = partOf(PRODUCTION, 'install');
    expect(install).to.include(`node_modules dist ${String(service.get('WorkingDirectory'))}/\n`);
    expect(install).to.include(`-m 600 .env.example ${String(service.get('EnvironmentFile'))}\n`);
    expect(service.environment['DATA_DIR']).to.equal(`/var/lib/${String(service.get('StateDirectory'))}`);
  });

  it('has an environment that the program starts with, with .env.example and with the embedded back end', () => {
    expect([...VARIABLES.keys()]).to.include.members(Object.keys(service.environment));
    const example = parseEnv(readFileSync('.env.example', 'utf8'));
    expect(loadSettings({ ...service.environment, ...example }).backend.kind).to.equal('full');
    const embedded = loadSettings({ ...service.environment, BACKEND: 'embedded' });
    expect(embedded.backend).to.deep.include({ kind: 'embedded', dataDir: '/var/lib/postrider' });
    expect(() => loadSettings(service.environment)).to.throw('BACKEND');
  });

  it('restarts the program whenever it exits', () => {
    expect(service.get('Restart')).to.equal('always');
    // systemd gives up after five starts within 10 s by default.
    expect(Number(service.get('RestartSec')) * 5).to.be.greaterThan(10);
  });

  it('gives the program more time to stop than it takes', () => {
    const timeoutMs = Number(VARIABLES.get('SHUTDOWN_TIMEOUT_MS'));
    expect(Number(service.get('TimeoutStopSec')) * 1000).to.be.at.least(timeoutMs * 1.5);
  });

  it('runs with few rights', () => {
    for (const name of HARDENING) expect(service.get(name), name).to.equal('yes');
    expect(service.get('ProtectSystem')).to.equal('strict');
    expect(service.get('CapabilityBoundingSet')).to.equal('');
    expect(service.get('UMask')).to.equal('0077');
    expect(service.all('SystemCallFilter')).to.deep.equal(['@system-service', '~@privileged']);
  });
});

describe('parseUnit', () => {
  it('rejects a line that systemd would ignore', () => {
    for (const text of ['[Service]\nRestart always', 'Restart=always', '[Service]\n Restart=always'])
      expect(() => parseUnit(text), text).to.throw('No unit has this line');
  });
});
