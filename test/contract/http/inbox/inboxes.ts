import { expect } from 'chai';
import { aClient, type TextResponse, type HttpClient } from '../../../support/http/http-client.js';
import type { UsedHttp } from '../http.contract.js';

interface Page {
  readonly messages: readonly { id: string; from: string; message: string; sentAt: string; cursor: string }[];
  readonly next: string;
  readonly unread: number;
  readonly expired?: true;
}

async function page(client: HttpClient, to: string, query = ''): Promise<Page> {
  const { status, text } = await client.request(`/clients/${to}/inbox${query}`);
  expect(status, text).to.equal(200);
  return JSON.parse(text) as Page;
}

const textsOf = ({ messages }: Page): string => messages.map(({ message }) => message).join(' ');

function markRead(client: HttpClient, to: string, through: unknown): Promise<TextResponse> {
  const headers = { 'content-type': 'application/json' };
  return client.request(`/clients/${to}/inbox/read`, {
    ...{ method: 'POST', headers },
    body: JSON.stringify({ through }),
  });
}

/** Sends messages one after the other and returns when the last one is in the inbox. */
async function fill(client: HttpClient, to: string, texts: string): Promise<void> {
  for (const message of texts.split(' ')) {
    const { status } = await client.send({ from: 'clientA', to, message }, { prefer: 'wait=20' });
    expect(status).to.equal(201);
  }
}

export function inboxContract(used: UsedHttp): void {
  describe('GET /clients/{client}/inbox', () => {
    it('returns an empty page with a cursor to continue from if nothing has arrived', async () => {
      expect(await page(used.client, aClient())).to.deep.equal({ messages: [], next: '0', unread: 0 });
    });

    it('returns unread messages in order, and continues after the cursor', async () => {
      const to = aClient();
      await fill(used.client, to, '1 2 3');
      const first = await page(used.client, to, '?limit=2');
      expect(textsOf(first)).to.equal('1 2');
      expect(first.unread).to.equal(3);
      const second = await page(used.client, to, `?after=${first.next}`);
      expect(textsOf(second)).to.equal('3');
      const last = await page(used.client, to, `?after=${second.next}`);
      expect(last).to.deep.equal({ messages: [], next: second.next, unread: 3 });
    });

    it('returns each message with its cursor', async () => {
      const to = aClient();
      await fill(used.client, to, 'hello');
      const [row] = (await page(used.client, to)).messages;
      const { id, sentAt, ...rest } = row!;
      expect(rest).to.deep.equal({ from: 'clientA', message: 'hello', cursor: '1' });
      expect(id).to.match(/^[0-9a-f]{24}$/);
      expect(sentAt).to.equal(new Date(sentAt).toISOString());
    });

    it('starts at the beginning with after=0, whatever was read', async () => {
      const to = aClient();
      await fill(used.client, to, '1 2');
      expect((await markRead(used.client, to, '2')).status).to.equal(204);
      expect(textsOf(await page(used.client, to))).to.equal('');
      expect(textsOf(await page(used.client, to, '?after=0'))).to.equal('1 2');
    });

    it('shows a client only its own messages', async () => {
      const to = aClient();
      await fill(used.client, to, 'mine');
      expect(textsOf(await page(used.client, aClient()))).to.equal('');
    });

    it('waits for a message if there is none', async () => {
      const to = aClient();
      const waiting = page(used.client, to, '?wait=20');
      await new Promise((resolve) => setTimeout(resolve, 300));
      await fill(used.client, to, 'news');
      expect(textsOf(await waiting)).to.equal('news');
    });

    it('returns an empty page when the wait is over, and answers at once if there is a message', async () => {
      const to = aClient();
      const before = Date.now();
      expect(await page(used.client, to, '?wait=1')).to.deep.equal({ messages: [], next: '0', unread: 0 });
      expect(Date.now() - before).to.be.at.least(990);
      await fill(used.client, to, 'news');
      expect(textsOf(await page(used.client, to, '?wait=30'))).to.equal('news');
    });

    it('returns 409 for a cursor beyond the end of the inbox, without waiting', async () => {
      const to = aClient();
      await fill(used.client, to, '1 2');
      for (const [client, query] of [
        [to, 'after=3'],
        [to, 'after=3&wait=20'],
        [aClient(), 'after=1'],
      ]) {
        const { status, text } = await used.client.request(`/clients/${client}/inbox?${query}`);
        expect([status, JSON.parse(text).code], text).to.deep.equal([409, 'cursor-ahead']);
      }
    });

    it('answers HEAD without waiting', async () => {
      const { status, text } = await used.client.request(`/clients/${aClient()}/inbox`, { method: 'HEAD' });
      expect([status, text]).to.deep.equal([200, '']);
    });

    const bad = [
      'limit=0',
      'limit=1001',
      'limit=x',
      'after=x',
      'after=-1',
      'after=1.5',
      'wait=x',
      'wait=-1',
      'q=1',
    ];
    for (const query of bad) {
      it(`returns 400 for ?${query}, and names the invalid parameter`, async () => {
        const { status, text } = await used.client.request(`/clients/${aClient()}/inbox?${query}`);
        expect(status).to.equal(400);
        const { errors } = JSON.parse(text);
        expect(errors[0].parameter).to.equal(query.split('=')[0]);
      });
    }

    for (const name of ['a%20b', 'x'.repeat(129), 'a%2Fb']) {
      it(`returns 400 for the client name ${name.slice(0, 9)} on every path of an inbox`, async () => {
        const paths = [used.client.request(`/clients/${name}/inbox`), markRead(used.client, name, '1')];
        paths.push(used.client.request(`/clients/${name}/inbox/stream`));
        for (const { status, text } of await Promise.all(paths)) {
          expect(status, text).to.equal(400);
          expect(JSON.parse(text).errors[0].parameter).to.equal('client');
        }
      });
    }
  });

  describe('POST /clients/{client}/inbox/read', () => {
    it('moves the read position forward, never back and never past the last message', async () => {
      const to = aClient();
      await fill(used.client, to, '1 2 3');
      const unreadAfter = async (through: unknown): Promise<number> => {
        expect((await markRead(used.client, to, through)).status).to.equal(204);
        return (await page(used.client, to)).unread;
      };
      expect(await unreadAfter('1')).to.equal(2);
      expect(await unreadAfter('0')).to.equal(2);
      expect(await unreadAfter(2)).to.equal(1);
      expect(await unreadAfter('999')).to.equal(0);
      await fill(used.client, to, '4');
      expect((await page(used.client, to)).unread).to.equal(1);
      expect(textsOf(await page(used.client, to))).to.equal('4');
    });

    it('keeps the highest of concurrently set positions', async () => {
      const to = aClient();
      await fill(used.client, to, '1 2 3 4 5 6');
      const positions = [3, 1, 5, 2, 4, 0, 5, 3];
      const answers = await Promise.all(
        positions.map((through) => markRead(used.client, to, String(through))),
      );
      expect(answers.map(({ status }) => status)).to.deep.equal(positions.map(() => 204));
      expect(textsOf(await page(used.client, to))).to.equal('6');
    });

    it('succeeds for an inbox without messages', async () => {
      expect((await markRead(used.client, aClient(), '7')).status).to.equal(204);
    });

    for (const through of [undefined, null, '', 'x', -1, 1.5, '-1', true, ['1']]) {
      it(`returns 400 for ${JSON.stringify(through) ?? 'nothing'}`, async () => {
        const { status, text } = await markRead(used.client, aClient(), through);
        expect(status).to.equal(400);
        expect(JSON.parse(text).errors[0].pointer).to.equal('#/through');
      });
    }
  });
}
