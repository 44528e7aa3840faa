import { readFileSync } from 'node:fs';

type Section = ReadonlyMap<string, readonly string[]>;

/** A unit file, by section: each setting with its values in order. */
export type Unit = ReadonlyMap<string, Section>;

/** Throws at a line that is no comment, no section and no setting. */
export function parseUnit(text: string): Unit {
  const unit = new Map<string, Map<string, string[]>>();
  let section: Map<string, string[]> | undefined;
  for (const line of text.split('\n')) {
    if (line === '' || /^[#;]/.test(line)) continue;
    const [, title] = /^\[(\w+)\]$/.exec(line) ?? [];
    if (title !== undefined) {
      section = new Map();
      unit.set(title, section);
      continue;
    }
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (section === undefined || name === undefined) throw new Error(`No unit has this line: ${line}`);
    section.set(name, [...(section.get(name) ?? []), value]);
  }
  return unit;
}

/** The settings in the section `[Service]` of docs/postrider.service. */
export class ServiceSettings {
  private readonly section: Section;

  constructor(readonly unit: Unit = parseUnit(readFileSync('docs/postrider.service', 'utf8'))) {
    this.section = unit.get('Service') ?? new Map<string, string[]>();
  }

  get names(): readonly string[] {
    return [...this.section.keys()];
  }

  /** All values of a setting. */
  all(name: string): readonly string[] {
    return this.section.get(name) ?? [];
  }

  /** The only value of a setting; undefined if it is missing. */
  get(name: string): string | undefined {
    const [value, ...others] = this.all(name);
    if (others.length > 0) throw new Error(`${name} is set more than once.`);
    return value;
  }

  /** The words of the command, as systemd splits them. */
  get command(): readonly string[] {
    return (this.get('ExecStart') ?? '').split(' ');
  }

  get environment(): Readonly<Record<string, string>> {
    const words = this.all('Environment').flatMap((value) => value.split(' '));
    return Object.fromEntries(words.map((word) => word.split('=', 2) as [string, string]));
  }
}
