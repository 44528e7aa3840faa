import { expect } from 'chai';
import { ResponseReader, type HttpResponse } from '../../../../bench/load/response-reader.js';

const CREATED = 'HTTP/1.1 201 Created\r\nContent-Length: 5\r\nRetry-After: 1\r\n\r\nhello';
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
const EMPTY = 'HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n';

function read(...pieces: string[]): Pick<HttpResponse, 'status' | 'body'>[] {
  const answers: HttpResponse[] = [];
  const reader = new ResponseReader((answer) => answers.push(answer));
  for (const piece of pieces) reader.write(piece);
  return answers.map(({ status, body }) => ({ status, body }));
}

describe("The load generator's response reader", () => {
  it('reads a response with Content-Length, and its headers in lower case', () => {
    const heads: string[] = [];
    new ResponseReader(({ head }) => heads.push(head)).write(CREATED);
    expect(read(CREATED)).to.deep.equal([{ status: 201, body: 'hello' }]);
    expect(heads[0]).to.include('\r\nretry-after: 1');
  });

  it('reads a response that arrives byte by byte', () => {
    for (const whole of [CREATED, CHUNKED, EMPTY]) expect(read(...whole)).to.deep.equal(read(whole));
  });

  it('reads several responses that arrive together', () => {
    expect(read(CREATED + CHUNKED + EMPTY + CREATED).map(({ status }) => status)).to.deep.equal([
      201, 200, 204, 201,
    ]);
  });

  it('waits for the end of a chunked response, even an empty one', () => {
    expect(read(CHUNKED.slice(0, -1))).to.deep.equal([]);
    expect(read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')).to.have.length(1);
  });
});
