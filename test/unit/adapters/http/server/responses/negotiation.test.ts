import { expect } from 'chai';
import fc from 'fast-check';
import { prefersJson } from '../../../../../../src/adapters/http/server/responses/negotiation.js';

const TEXT: readonly (string | undefined)[] = [
  undefined,
  '',
  '*/*',
  'text/html',
  'text/plain',
  'image/png',
  'application/json, text/plain, */*',
  'application/json, text/plain',
  'application/json, */*',
  'application/*, text/*',
  'text/plain;q=0.5, application/json;q=0.5',
  'text/*, application/json;q=0.9',
  'application/json;q=0',
  'application/json;q=2',
  'application/json;q=x',
  'application/json;q=0, */*',
  'application/jsonp',
  'application/xml, text/html;q=0.9, */*;q=0.8',
  'application/ld+json',
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'json',
  '*/json',
  ',;=,',
];

const JSON_TYPES: readonly string[] = [
  'application/json',
  'APPLICATION/JSON',
  'application/problem+json',
  'application/*',
  'application/json;charset=utf-8',
  'application/json, */*;q=0.5',
  'application/json;q=0.9, text/plain;q=0.8',
  'application/json; Q=0.9, text/plain; q=0.8',
  'application/json;q=0.1',
  'application/json, text/plain;q=0',
  '*/*, text/plain;q=0.9',
  '*/*, text/*;q=0.9',
  'text/html, application/json',
  'application/problem+json, application/json;q=0.1, text/plain;q=0.5',
  'application/json;profile="a, text/plain"',
];

describe('The format of a response to a send', () => {
  for (const accept of TEXT) {
    it(`is plain text for ${String(accept)}`, () => {
      expect(prefersJson(accept)).to.equal(false);
    });
  }

  for (const accept of JSON_TYPES) {
    it(`is JSON for ${accept}`, () => {
      expect(prefersJson(accept)).to.equal(true);
    });
  }

  it('is JSON exactly if the more specific ranges give it the higher quality', () => {
    const quality = fc.integer({ min: 0, max: 10 });
    const names = ['application/json', 'application/*', 'text/plain', 'text/*', '*/*'];
    const accepted = fc.uniqueArray(fc.tuple(fc.constantFrom(...names), quality), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(accepted, (ranges) => {
        const of = (...fitting: string[]): number => {
          const found = fitting.map((name) => ranges.find(([range]) => range === name)).find(Boolean);
          return found?.[1] ?? 0;
        };
        const json = Math.max(of('application/json', 'application/*', '*/*'), of('application/*', '*/*'));
        const accept = ranges.map(([name, tenths]) => `${name};q=${tenths / 10}`).join(', ');
        expect(prefersJson(accept)).to.equal(json > of('text/plain', 'text/*', '*/*'));
      }),
    );
  });

  it('is decided quickly, and never throws, whatever the header contains', () => {
    const hostile = [',', ';', '"', '\\"', ' ', 'a/b;', '; q=', '*/*,'].map((part) =>
      part.repeat(16_384 / part.length),
    );
    for (const accept of hostile) {
      const before = performance.now();
      prefersJson(accept);
      expect(performance.now() - before, JSON.stringify(accept.slice(0, 4))).to.be.below(250);
    }
    fc.assert(fc.property(fc.string(), (accept) => typeof prefersJson(accept) === 'boolean'));
  });
});
