import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { aClient, type FailureRow, type Sendable } from '../../../support/http/http-client.js';
import type { UsedHttp } from '../http.contract.js';

const required = (field: string): string => `${field}: Path \`${field}\` is required.`;
const notAString = (field: string): string => `${field}: Path \`${field}\` must be a string.`;
const notAllowed = (field: string): string =>
  `${field}: Path \`${field}\` contains characters that are not allowed.`;
const tooLong = (field: string, max: number): string =>
  `${field}: Path \`${field}\` is longer than the maximum allowed length (${max}).`;

interface BadMessage {
  readonly members: Sendable;
  readonly problems: readonly string[];
}

const valid = { from: 'clientA', message: 'hello' };

/**
 * Returns messages that break each rule once. The test finds the recorded failure by the name in `to` or
 * `from`.
 */
function badMessages(name: string, maxLength: number): Record<string, BadMessage> {
  return {
    'a missing message': { members: { from: 'clientA', to: name }, problems: [required('message')] },
    'an empty message': { members: { ...valid, to: name, message: '' }, problems: [required('message')] },
    'a null message': { members: { ...valid, to: name, message: null }, problems: [required('message')] },
    'a blank message': {
      members: { ...valid, to: name, message: ' \u0000\n' },
      problems: [required('message')],
    },
    'an object as message': {
      members: { ...valid, to: name, message: { a: 1 } },
      problems: [notAString('message')],
    },
    'a long message': {
      members: { ...valid, to: name, message: 'x'.repeat(maxLength + 1) },
      problems: [tooLong('message', maxLength)],
    },
    'half a character': {
      members: { ...valid, to: name, message: 'a\ud83d' },
      problems: [notAllowed('message')],
    },
    'a missing sender': { members: { to: name, message: 'hello' }, problems: [required('from')] },
    'a sender with a space': {
      members: { ...valid, from: 'client A', to: name },
      problems: [notAllowed('from')],
    },
    'a number as sender': { members: { ...valid, from: 7, to: name }, problems: [notAString('from')] },
    'a missing recipient': { members: { ...valid, from: name }, problems: [required('to')] },
    'dots as recipient': { members: { ...valid, from: name, to: '..' }, problems: [notAllowed('to')] },
    'a long recipient': {
      members: { ...valid, from: name, to: 'x'.repeat(129) },
      problems: [tooLong('to', 128)],
    },
    'a list as recipient': {
      members: { ...valid, from: name, to: ['clientB'] },
      problems: [notAString('to')],
    },
    'two missing members': { members: { from: name }, problems: [required('to'), required('message')] },
  };
}

export function refusalContract(used: UsedHttp): void {
  describe('POST /send-message rejects', () => {
    const failureOf = async (name: string): Promise<FailureRow | undefined> => {
      const by = (field: string) => used.client.rows<FailureRow>(`/failed-messages?${field}=${name}`);
      return [...(await by('to')), ...(await by('from'))][0];
    };

    for (const what of Object.keys(badMessages('', 1))) {
      it(`${what}, and records it with its reason`, async () => {
        const name = aClient();
        const { members, problems } = badMessages(name, used.messageMaxLength)[what]!;
        const reason = `Message validation failed: ${problems.join(', ')}`;
        const { status, text } = await used.client.send(members);
        expect([status, text]).to.deep.equal([400, 'Failed to create message.']);
        await used.client.waitForRows(`/failed-messages?${members.from === name ? 'from' : 'to'}=${name}`, 1);
        const failure = await failureOf(name);
        expect(failure).to.include({ reason, code: 'invalid-message', state: 'unresolved', __v: 0 });
        expect(failure?._id).to.match(/^[0-9a-f]{24}$/);
        expect(failure?.failedAt).to.equal(new Date(failure!.failedAt).toISOString());
        expect(await used.client.rows(`/messages?from=${name}`)).to.deep.equal([]);
      });
    }

    it('invalid messages with a problem that points at each member, if the client prefers JSON', async () => {
      const from = aClient();
      const { status, headers, text } = await used.client.send({ from }, { accept: 'application/json' });
      expect(status).to.equal(400);
      expect(headers.get('content-type')).to.match(/^application\/problem\+json/);
      // Wait for the failure, because the tests that expect no failures would count one that is recorded
      // late.
      await used.client.waitForRows(`/failed-messages?from=${from}`, 1);
      expect(JSON.parse(text)).to.deep.equal({
        ...{ type: 'about:blank', title: 'Bad Request', status: 400, code: 'invalid-message' },
        detail: `Message validation failed: ${required('to')}, ${required('message')}`,
        errors: [
          { pointer: '#/to', detail: 'Path `to` is required.' },
          { pointer: '#/message', detail: 'Path `message` is required.' },
        ],
      });
    });

    const text = JSON.stringify({ from: 'clientA', to: 'clientB', message: 'hello' });
    const bodies: readonly (readonly [string, number, Buffer | string, Record<string, string>])[] = [
      ['no JSON', 400, '{"from":', {}],
      ['nothing', 400, '', {}],
      ['a JSON array', 400, '[]', {}],
      ['a JSON string', 400, '"hello"', {}],
      ['a JSON null', 400, 'null', {}],
      ['bytes that are not UTF-8', 400, Buffer.from(text.replace('hello', 'h\xe9'), 'latin1'), {}],
      ['a body of another type', 415, text, { 'content-type': 'text/plain' }],
      ['a form', 415, 'from=clientA', { 'content-type': 'application/x-www-form-urlencoded' }],
      ['a type that only begins like JSON', 415, text, { 'content-type': 'application/jsonp' }],
      ['another charset', 415, text, { 'content-type': 'application/json; charset=utf-16' }],
      ['a compressed body', 415, gzipSync(text), { 'content-encoding': 'gzip' }],
    ];
    for (const [what, expected, body, headers] of bodies) {
      it(`${what} with ${expected}, without recording it`, async () => {
        const before = (await used.client.rows('/failed-messages')).length;
        const bytes = typeof body === 'string' ? body : new Uint8Array(body);
        const { status, text } = await used.client.post(bytes, headers);
        expect([status, text]).to.deep.equal([expected, 'Failed to create message.']);
        expect(await used.client.rows('/failed-messages')).to.have.lengthOf(before);
      });
    }

    it('a body beyond the limit with 413, with or without Content-Length', async () => {
      const large = JSON.stringify({ message: 'x'.repeat(12 * used.messageMaxLength + 4_096) });
      const stream = new Blob([large]).stream();
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        duplex: 'half',
      } as const;
      const unknownLength = await used.client.request('/send-message', { ...init, body: stream });
      expect([(await used.client.post(large)).status, unknownLength.status]).to.deep.equal([413, 413]);
    });

    it('neither other spellings of UTF-8 nor unknown members', async () => {
      const type = { 'content-type': 'Application/JSON; charset="UTF-8"' };
      const body = JSON.stringify({ from: 'clientA', to: aClient(), message: 'hello', priority: 1 });
      expect((await used.client.post(body, type)).status).to.equal(201);
    });
  });
}
