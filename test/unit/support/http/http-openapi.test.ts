import { expect } from 'chai';
import { OpenApi, type Answer } from '../../../support/http/http-openapi.js';

const api = new OpenApi();
const ID = '0'.repeat(24);

function problem(status: number, code: string, members: object = {}): string {
  return JSON.stringify({ type: 'about:blank', title: 'A title', status, code, detail: 'x', ...members });
}

function answer(change: Partial<Answer> = {}, headers: Record<string, string | undefined> = {}): Answer {
  const all = {
    'content-type': 'application/problem+json',
    'x-request-id': 'request-1',
    'x-content-type-options': 'nosniff',
    ...headers,
  };
  const given = Object.entries(all).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  return {
    method: 'GET',
    path: `/replays/${ID}`,
    status: 404,
    headers: new Headers(given),
    text: problem(404, 'unknown-replay'),
    ...change,
  };
}

describe('OpenApi', () => {
  it('accepts a response that matches its description', () => {
    expect(api.problemWith(answer())).to.equal(undefined);
    expect(api.problemWith(answer({ method: 'HEAD', text: '' }))).to.equal(undefined);
  });

  const mismatches: readonly (readonly [string, Answer, string])[] = [
    ['an undescribed status', answer({ status: 410 }), '410 is not described'],
    ['an undescribed header', answer({}, { 'x-colour': 'red' }), 'the header x-colour is not described'],
    ['a missing header', answer({}, { 'x-request-id': undefined }), 'the header X-Request-Id is missing'],
    ['a wrong header', answer({}, { 'x-request-id': 'a b' }), 'the header X-Request-Id'],
    [
      'another media type',
      answer({}, { 'content-type': 'text/html' }),
      'the type text/html is not described',
    ],
    ['a code of another status', answer({ text: problem(404, 'malformed-body') }), 'the code malformed-body'],
    ['an undescribed member', answer({ text: problem(404, 'unknown-replay', { colour: 1 }) }), 'additional'],
    ['a body of HEAD', answer({ method: 'HEAD' }), 'HEAD has a body'],
    ['an undescribed method', answer({ method: 'PATCH', status: 200 }), 'neither the operation'],
    ['an undescribed path', answer({ path: '/colours', status: 200 }), 'neither the operation'],
    [
      '405 without Allow',
      answer({ method: 'PATCH', status: 405, text: problem(405, 'method-not-allowed') }),
      'Allow',
    ],
  ];
  for (const [what, wrong, expected] of mismatches) {
    it(`reports ${what}`, () => {
      expect(api.problemWith(wrong)).to.include(expected);
    });
  }

  it('knows the days of every month, and the hours of a day', () => {
    const isTime = api.component('Time');
    for (const good of ['2024-02-29', '2000-02-29', '2026-12-31', '2026-01-31T23:59:59.5-23:59']) {
      expect(isTime(good), good).to.equal(true);
    }
    for (const bad of ['2026-02-29', '1900-02-29', '2026-04-31', '2026-00-01', '2026-01-31T24:00:00Z']) {
      expect(isTime(bad), bad).to.equal(false);
    }
  });
});
