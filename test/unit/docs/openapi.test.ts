import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseDocument, visit, type YAMLSeq } from 'yaml';
import { PROBLEM_CODES } from '../../../src/adapters/http/server/problem-codes.js';

const text = readFileSync('docs/openapi.yaml', 'utf8');
const yaml = parseDocument(text);

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

  it('lists every problem code, and names each of them where it can occur', () => {
    const codes = yaml.getIn(['components', 'schemas', 'Problem', 'properties', 'code', 'enum']) as YAMLSeq;
    expect(codes.toJSON()).to.have.members([...PROBLEM_CODES]);
    const unnamed = PROBLEM_CODES.filter((code) => !text.includes(`\`${code}\``));
    expect(unnamed).to.deep.equal([]);
  });
});
