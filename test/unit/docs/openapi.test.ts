import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseDocument, visit } from 'yaml';

const yaml = parseDocument(readFileSync('docs/openapi.yaml', 'utf8'));

describe('docs/openapi.yaml', () => {
  it('has no YAML aliases or anchors, because PyYAML and openapi-generator reject ours', () => {
    const found: string[] = [];
    visit(yaml, {
      Alias: (_, { source }) => void found.push(`*${source}`),
      Node: (_, node) => {
        if ('anchor' in node && node.anchor !== undefined) found.push(`&${node.anchor}`);
      },
    });
    expect(found).to.deep.equal([]);
  });
});
