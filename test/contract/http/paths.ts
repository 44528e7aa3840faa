import { expect } from 'chai';
import type { UsedHttp } from './http.contract.js';

export function pathContract(used: UsedHttp): void {
  describe('Other paths and methods', () => {
    it('return 404 with a problem for an unknown path', async () => {
      const { status, headers, text } = await used.client.request('/nothing/here', { method: 'POST' });
      expect(status).to.equal(404);
      expect(headers.get('content-type')).to.match(/^application\/problem\+json/);
      expect(headers.get('x-request-id')).to.be.a('string');
      expect(JSON.parse(text)).to.deep.equal({
        ...{ type: 'about:blank', title: 'Not Found', status: 404, code: 'not-found' },
        detail: 'There is nothing at this path.',
      });
    });

    const others: readonly (readonly [string, string, string])[] = [
      ['GET', '/send-message', 'POST'],
      ['PUT', '/send-message', 'POST'],
      ['POST', '/messages', 'GET, HEAD'],
      ['DELETE', '/failed-messages', 'GET, HEAD'],
    ];
    for (const [method, path, allow] of others) {
      it(`return 405 for ${method} ${path}, with the allowed methods`, async () => {
        const { status, headers, text } = await used.client.request(path, { method });
        expect([status, headers.get('allow')]).to.deep.equal([405, allow]);
        expect(JSON.parse(text)).to.include({ code: 'method-not-allowed' });
      });
    }

    it('answer OPTIONS with the allowed methods', async () => {
      const { status, headers } = await used.client.request('/messages', { method: 'OPTIONS' });
      expect(status).to.be.oneOf([200, 204]);
      expect(headers.get('allow')).to.equal('GET, HEAD');
    });

    it('return an error for a malformed path', async () => {
      expect((await used.client.request('/messages/%E0%A4%A')).status).to.be.oneOf([400, 404]);
    });
  });
}
