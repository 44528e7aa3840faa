import { expect } from 'chai';
import { SentMessages, StoredCounts } from '../../../bench/sent-messages.js';

/** Bits, lowest first. */
const map = (...acknowledged: number[]): Uint8Array => {
  const bytes = new Uint8Array(2);
  for (const at of acknowledged) bytes[at >> 3]! |= 1 << (at & 7);
  return bytes;
};

function stored(...numbers: number[]): StoredCounts {
  const counts = new StoredCounts();
  for (const number of numbers) counts.add(number);
  return counts;
}

describe('The record of sent messages', () => {
  let sent: SentMessages;

  beforeEach(() => {
    sent = new SentMessages();
    sent.reserve(10);
    const first = sent.reserve(12);
    sent.acknowledge(first, map(0, 9, 11));
  });

  it('reports nothing if each acknowledged message is stored once', () => {
    expect(sent.acknowledged).to.equal(3);
    expect(sent.compare(stored(10, 19, 21))).to.deep.equal({ missing: 0, duplicates: 0 });
  });

  it('finds acknowledged messages that are missing', () => {
    expect(sent.compare(stored(19))).to.deep.equal({ missing: 2, duplicates: 0 });
  });

  it('finds messages stored twice, acknowledged or not', () => {
    expect(sent.compare(stored(10, 10, 19, 21, 12, 12))).to.deep.equal({ missing: 0, duplicates: 2 });
  });

  it('allows an unacknowledged message to be stored once', () => {
    expect(sent.compare(stored(10, 11, 19, 21))).to.deep.equal({ missing: 0, duplicates: 0 });
  });

  it('counts stored messages, however high their numbers are', () => {
    const counts = stored(3_000_000, 3_000_000, 7);
    expect([counts.get(3_000_000), counts.get(7), counts.get(8)]).to.deep.equal([2, 1, 0]);
  });
});
