import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';

describe('npm run demo', () => {
  it('shows a message that is sent, stored, retried and dead-lettered', async function () {
    // It takes about 12 s.
    this.timeout(60_000);
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'demo']);
    expect(stdout).to.match(/clientB: "Hello over there" {3}201 message created\./);
    expect(stdout.match(/the store fails on "The store fails twice on this message"/g)).to.have.length(2);
    expect(stdout).to.match(/GET \/messages shows "This message is stored after the previous one"/);
    expect(stdout).to.match(/GET \/failed-messages shows "The store always fails on this message"/);
  });
});
