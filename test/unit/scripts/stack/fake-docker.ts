import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A `docker` first on the path that records its calls, and fails if the test says so. */
export class FakeDocker {
  private readonly path = process.env['PATH'];

  private constructor(private readonly folder: string) {}

  static async install(): Promise<FakeDocker> {
    const fake = new FakeDocker(await mkdtemp(join(tmpdir(), 'postrider-docker-')));
    process.env['PATH'] = `${fake.folder}${delimiter}${String(fake.path)}`;
    await fake.failOn('nothing');
    return fake;
  }

  /** Fails if the arguments contain the text. */
  async failOn(text: string): Promise<void> {
    const script = `#!/bin/sh
printf '%s\\036' "$*" >> ${this.calls}
case "$*" in *"${text}"*) exit 1;; esac
case "$1" in inspect) echo false;; logs) echo 'the last words';; esac
`;
    await writeFile(join(this.folder, 'docker'), script);
    await chmod(join(this.folder, 'docker'), 0o755);
  }

  /** The arguments of each call so far; some contain line breaks. */
  async called(): Promise<string[]> {
    return (await readFile(this.calls, 'utf8').catch(() => '')).split('\x1e').slice(0, -1);
  }

  async remove(): Promise<void> {
    process.env['PATH'] = this.path;
    await rm(this.folder, { recursive: true });
  }

  private get calls(): string {
    return join(this.folder, 'calls');
  }
}
