import { readFileSync } from 'node:fs';

/** One instruction: its keyword, and the rest of it on one line. */
export interface Instruction {
  readonly keyword: string;
  readonly text: string;
}

/** The stages of our Dockerfile, each from its FROM on. */
export function stages(): readonly (readonly Instruction[])[] {
  const lines = readFileSync('Dockerfile', 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  const stageList: Instruction[][] = [];
  for (const line of lines.filter((text) => text.trim() !== '')) {
    const [, keyword = '', text = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    if (keyword === 'FROM') stageList.push([]);
    stageList.at(-1)?.push({ keyword, text });
  }
  return stageList;
}

export function textsOf(stage: readonly Instruction[], instruction: string): readonly string[] {
  return stage.filter(({ keyword }) => keyword === instruction).map(({ text }) => text);
}

/** The environment variables of the program that the image sets. */
export function imageEnvironment(): Readonly<Record<string, string>> {
  const settings = textsOf(stages().at(-1) ?? [], 'ENV').flatMap((text) => text.split(/\s+/));
  return Object.fromEntries(settings.map((setting) => setting.split('=', 2) as [string, string]));
}

/** The source paths of a COPY, without its destination. */
export function copied(stage: readonly Instruction[]): readonly string[] {
  return textsOf(stage, 'COPY').flatMap((text) =>
    text
      .split(' ')
      .filter((word) => !word.startsWith('--'))
      .slice(0, -1),
  );
}
