import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';

describe('npm run demo', () => {
  it('shows a message that is sent, stored, retried and dead-lettered, in less than 20 seconds', async function () {
    this.timeout(30_000);
    const started = Date.now();
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'demo']);
    expect(Date.now() - started).to.be.lessThan(20_000);
    expect(stdout).to.match(/clientB: "Hello over there" {3}201 message created\./);
    expect(stdout.match(/the store fails on "The road is bad today"/g)).to.have.length(2);
    expect(stdout).to.match(/GET \/messages has it: "I come after that one"/);
    expect(stdout).to.match(/GET \/failed-messages has it: "Nobody can store this one"/);
  });
});
