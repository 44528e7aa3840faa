import { expect } from 'chai';
import { aClient, idIn, type TextResponse, type FailureRow } from '../../../support/http/http-client.js';
import { eventually } from '../../../support/eventually.js';
import type { UsedHttp } from '../http.contract.js';

type Json = Record<string, unknown>;

/** What operators do with failed messages over HTTP. The failures are invalid sends. */
export function failureContract(used: UsedHttp): void {
  const failed = async (message: Json = { to: 'clientB' }, count = 1): Promise<FailureRow[]> => {
    const from = aClient();
    for (let n = 0; n < count; n += 1) await used.client.send({ from, ...message });
    return used.client.waitForRows<FailureRow>(`/failed-messages?from=${from}`, count);
  };
  const post = (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<TextResponse> =>
    used.client.request(path, {
      method: 'POST',
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const act = (
    id: string,
    action: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<TextResponse> => post(`/failed-messages/${id}/${action}`, body, headers);
  const detail = async (id: string): Promise<Json> => {
    const { status, text } = await used.client.request(`/failed-messages/${id}`);
    expect(status, text).to.equal(200);
    return JSON.parse(text) as Json;
  };
  const expectProblem = (answer: TextResponse, status: number, members: Json): void => {
    expect(answer.status, answer.text).to.equal(status);
    expect(answer.headers.get('content-type')).to.match(/^application\/problem\+json/);
    expect(JSON.parse(answer.text)).to.include(members);
  };

  describe('GET /failed-messages/{id}', () => {
    it('returns everything that is known about the failure', async () => {
      const [row] = await failed({ to: 'clientB', message: '' });
      const { sentAt, failedAt, firstFailedAt, history, group, ...rest } = await detail(row!._id);
      expect(rest).to.deep.equal({
        ...{ id: row!._id, from: row!.from, to: 'clientB', message: '', state: 'unresolved' },
        ...{ code: 'invalid-message', reason: row!.reason, disposition: 'refused' },
        ...{ attempts: 0, failures: 1, replays: 0, truncated: false },
      });
      for (const time of [sentAt, failedAt, firstFailedAt]) {
        expect(time).to.equal(new Date(String(time)).toISOString());
      }
      expect(group).to.match(/^[0-9a-f]{24}$/);
      expect(history).to.deep.equal([{ at: failedAt, event: 'failed', note: row!.reason }]);
    });

    for (const id of ['a'.repeat(24), 'what']) {
      it(`returns 404 for ${id}`, async () => {
        expectProblem(await used.client.request(`/failed-messages/${id}`), 404, { code: 'unknown-failure' });
        for (const action of ['replay', 'discard']) {
          expectProblem(await act(id, action), 404, { code: 'unknown-failure' });
        }
      });
    }

    it('returns 404 for a message that was stored', async () => {
      const sent = await used.client.send({ from: 'a', to: aClient(), message: 'x' }, { prefer: 'wait=20' });
      expectProblem(await used.client.request(`/failed-messages/${idIn(sent)}`), 404, {
        code: 'unknown-failure',
      });
    });
  });

  describe('POST /failed-messages/{id}/replay', () => {
    it('returns 409 needs-correction if the message would break the rules again', async () => {
      const [row] = await failed();
      expectProblem(await act(row!._id, 'replay'), 409, { code: 'needs-correction', state: 'unresolved' });
    });

    it('sends a corrected message in place of the original, and links both', async () => {
      const to = aClient();
      const [row] = await failed({ to });
      const answer = await act(row!._id, 'replay', { message: 'corrected' }, { 'x-operator': 'Zoë' });
      expect(answer.status, answer.text).to.equal(202);
      const corrected = idIn(answer);
      expect(JSON.parse(answer.text)).to.include({ state: 'correcting', correctedBy: corrected });
      const inbox = await used.client.waitForRows(`/messages?to=${to}`, 1);
      expect(inbox.map(({ _id, message }) => [_id, message])).to.deep.equal([[corrected, 'corrected']]);
      await eventually(async () => (await detail(row!._id))['state'] === 'resolved');
      expect(await detail(row!._id)).to.include({ resolution: 'superseded', correctedBy: corrected });
      const life = async (id: string): Promise<Json> =>
        JSON.parse((await used.client.request(`/messages/${id}`)).text) as Json;
      expect(await life(row!._id)).to.include({ status: 'superseded', correctedBy: corrected });
      expect(await life(corrected)).to.include({ status: 'stored', corrects: row!._id });
      const events = (await life(row!._id))['events'] as Json[];
      expect(events.map(({ event }) => event)).to.deep.equal(['sent', 'failed', 'corrected', 'superseded']);
      expect(events[2]).to.include({ by: 'Zoë' });
      expectProblem(await act(row!._id, 'replay', { message: 'again' }), 409, {
        code: 'wrong-state',
        state: 'resolved',
      });
    });

    it('sends a corrected message to another recipient', async () => {
      const to = aClient();
      const [row] = await failed({ to: 'not a name', message: 'hello' });
      expect((await act(row!._id, 'replay', { to })).status).to.equal(202);
      const [stored] = await used.client.waitForRows(`/messages?to=${to}`, 1);
      expect(stored).to.include({ from: row!.from, message: 'hello' });
    });

    it('returns 400 for a correction that breaks the rules, and leaves the failure unchanged', async () => {
      const [row] = await failed();
      const answer = await act(row!._id, 'replay', { message: '' });
      expectProblem(answer, 400, { code: 'invalid-message' });
      expect(JSON.parse(answer.text).errors[0].pointer).to.equal('#/message');
      expect(await detail(row!._id)).to.include({ state: 'unresolved' });
    });

    it('returns 400 for a body with `from` or unknown members', async () => {
      const [row] = await failed();
      for (const body of [{ from: 'x' }, { message: 'x', from: 'x' }, { colour: 'red' }, { force: 'yes' }]) {
        expectProblem(await act(row!._id, 'replay', body), 400, { code: 'malformed-body' });
      }
    });

    it('returns 409 if the sender itself breaks the rules', async () => {
      const from = `${aClient()} x`;
      await used.client.send({ from, to: 'b', message: 'x' });
      const query = new URLSearchParams({ from });
      const [row] = await used.client.waitForRows<FailureRow>(`/failed-messages?${query.toString()}`, 1);
      expectProblem(await act(row!._id, 'replay', { message: 'y' }), 409, { code: 'not-correctable' });
    });
  });

  describe('POST /failed-messages/{id}/discard', () => {
    it('discards the failure with a note, and keeps it in the history', async () => {
      const [row] = await failed();
      const answer = await act(row!._id, 'discard', { note: 'a test' }, { 'x-operator': 'me' });
      expect([answer.status, JSON.parse(answer.text).state]).to.deep.equal([200, 'discarded']);
      expect(await used.client.rows(`/failed-messages?from=${row!.from}`)).to.deep.equal([]);
      const closed = await used.client.rows(`/failed-messages?from=${row!.from}&state=discarded`);
      expect(closed).to.have.lengthOf(1);
      const { history } = (await detail(row!._id)) as { history: Json[] };
      expect(history.at(-1)).to.include({ event: 'discarded', by: 'me', note: 'a test' });
    });

    it('returns 409 with the state if the failure is already closed', async () => {
      const [row] = await failed();
      expect((await act(row!._id, 'discard')).status).to.equal(200);
      expectProblem(await act(row!._id, 'discard'), 409, { code: 'wrong-state', state: 'discarded' });
      expectProblem(await act(row!._id, 'replay'), 409, { code: 'wrong-state', state: 'discarded' });
    });

    it('closes the failure once when many requests discard it concurrently', async () => {
      const [row] = await failed();
      const answers = await Promise.all(Array.from({ length: 6 }, () => act(row!._id, 'discard')));
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 409, 409, 409, 409, 409]);
    });

    it('returns 400 for a note that is too long or not a string', async () => {
      const [row] = await failed();
      for (const note of ['x'.repeat(1_001), 7]) {
        expectProblem(await act(row!._id, 'discard', { note }), 400, { code: 'malformed-body' });
      }
    });
  });

  describe('GET /failed-messages/groups', () => {
    it('counts the failures with one reason, with the first and last time and a sample', async () => {
      const reason = 'Message validation failed: message: Path `message` is required.';
      const groupsOf = async (): Promise<Json[]> => {
        const { text } = await used.client.request('/failed-messages/groups');
        const { groups, total, asOf } = JSON.parse(text) as { groups: Json[]; total: number; asOf: string };
        expect([total, new Date(asOf).toISOString()]).to.deep.equal([groups.length, asOf]);
        return groups;
      };
      const count = async (): Promise<number> =>
        Number((await groupsOf()).find((group) => group['reason'] === reason)?.['count'] ?? 0);
      const before = await count();
      const rows = await failed({ to: 'clientB' }, 2);
      await eventually(async () => (await count()) >= before + 2);
      const group = (await groupsOf()).find((row) => row['reason'] === reason)!;
      expect(group).to.have.all.keys('key', 'code', 'reason', 'count', 'first', 'last', 'sample');
      expect(group['key']).to.equal((await detail(rows[0]!._id))['group']);
      const listed = await used.client.rows(
        `/failed-messages?group=${String(group['key'])}&from=${rows[0]!.from}`,
      );
      expect(listed).to.have.lengthOf(2);
    });
  });

  describe('POST /replays', () => {
    const progress = async (id: string): Promise<Json> =>
      JSON.parse((await used.client.request(`/replays/${id}`)).text) as Json;

    it('counts without replaying anything on a dry run', async () => {
      const [row] = await failed({ to: 'clientB' }, 3);
      const answer = await post('/replays', { filter: { from: row!.from }, dryRun: true });
      expect([answer.status, JSON.parse(answer.text)]).to.deep.equal([200, { total: 3 }]);
    });

    it('skips failures that cannot be replayed, and reports them', async () => {
      const [row] = await failed({ to: 'clientB' }, 3);
      const answer = await post('/replays', { filter: { from: row!.from } });
      expect(answer.status, answer.text).to.equal(202);
      const id = answer.headers.get('location')!.replace('/replays/', '');
      await eventually(async () => (await progress(id))['state'] === 'done');
      expect(await progress(id)).to.deep.equal({
        ...{ id, state: 'done', total: 3, published: 0, skipped: 3, failedAgain: 0, rate: 1_000 },
      });
      expect(await used.client.rows(`/failed-messages?from=${row!.from}`)).to.have.lengthOf(3);
    });

    it('requires all=true with an empty filter', async () => {
      for (const body of [{}, { filter: {} }]) {
        expectProblem(await post('/replays', body), 400, { code: 'malformed-body' });
      }
      expect((await post('/replays', { all: true, dryRun: true })).status).to.equal(200);
    });

    const bad = [
      { filter: { colour: 'red' } },
      { filter: { since: 'yesterday' } },
      { filter: { code: 'A' } },
      { filter: { from: 'x' }, rate: 0.09 },
      { filter: { from: 'x' }, rate: 100_001 },
      { filter: { from: 'x' }, rate: 'fast' },
    ];
    for (const body of bad) {
      it(`returns 400 for ${JSON.stringify(body)}`, async () => {
        expectProblem(await post('/replays', body), 400, { code: 'malformed-body' });
      });
    }

    it('returns 404 for an unknown bulk replay', async () => {
      for (const id of ['b'.repeat(24), 'what']) {
        expectProblem(await used.client.request(`/replays/${id}`), 404, { code: 'unknown-replay' });
        const cancelled = await used.client.request(`/replays/${id}`, { method: 'DELETE' });
        expectProblem(cancelled, 404, { code: 'unknown-replay' });
      }
    });

    it('starts a bulk replay that can be cancelled, and then keeps its final state', async () => {
      const [row] = await failed({ to: 'clientB' }, 3);
      const answer = await post('/replays', { filter: { from: row!.from }, rate: 0.5 });
      const id = answer.headers.get('location')!.replace('/replays/', '');
      const cancelled = await used.client.request(`/replays/${id}`, { method: 'DELETE' });
      expect(JSON.parse(cancelled.text)).to.include({ id, state: 'cancelled', total: 3 });
      expect((await progress(id))['state']).to.equal('cancelled');
    });
  });
}
