import { expect } from 'chai';
import { mongo } from 'mongoose';
import {
  legacyLetter,
  legacyMessage,
  type LegacyFailure,
} from '../../../../../src/adapters/mongodb/legacy-import/legacy-documents.js';
import { identities } from '../../../../support/builders.js';

const MADE_AT = Date.UTC(2026, 10, 20, 8, 30, 15);
const START = Date.UTC(2026, 10, 20, 7, 0, 5);
const _id = new mongo.ObjectId('6a0eb3c7aabbccddeeff0011');

function aDocument(members: Partial<LegacyFailure> = {}): LegacyFailure {
  const texts = { from: 'clientA', to: 'clientB', message: 'Grüße 👋' };
  const id = new mongo.ObjectId(Math.floor(MADE_AT / 1_000).toString(16) + 'aabbccddeeff0011');
  return { _id: id, ...texts, send_time: new Date(START).toString(), ...members };
}

describe("A document of the NestJS service's messages", () => {
  it('is a message with its own id and time of sending', () => {
    expect(legacyMessage({ ...aDocument(), _id })).to.deep.equal({
      id: '6a0eb3c7aabbccddeeff0011',
      ...{ from: 'clientA', to: 'clientB', message: 'Grüße 👋' },
      sentAt: START,
    });
  });

  const times: readonly (readonly [string, unknown, number])[] = [
    ['a date string', 'Fri Nov 20 2026 07:00:05 GMT+0000 (Coordinated Universal Time)', START],
    ['a date string of another time zone', 'Fri Nov 20 2026 12:30:05 GMT+0530 (India Standard Time)', START],
    [
      "one whose zone's name is not English",
      'Fri Nov 20 2026 08:00:05 GMT+0100 (Mitteleuropäische Zeit)',
      START,
    ],
    ['a date string without a time zone name', 'Fri Nov 20 2026 02:00:05 GMT-0500', START],
    ['ISO 8601', '2026-11-20T07:00:05.000Z', START],
    ['a date', new Date(START + 7), START + 7],
    ['nothing', undefined, MADE_AT],
    ['null', null, MADE_AT],
    ['an empty text', '', MADE_AT],
    ['another text', 'tomorrow', MADE_AT],
    ['a text that only looks like a date', 'Fri Nux 99 2026 07:00:05 GMT+0000', MADE_AT],
    ['a number', 5, MADE_AT],
    ['an invalid date', new Date(NaN), MADE_AT],
    ['a time before 1970', 'Tue Nov 20 1956 07:00:05 GMT+0000', MADE_AT],
  ];
  for (const [what, sendTime, sentAt] of times) {
    it(`was sent ${sentAt === MADE_AT ? 'when it was created' : 'then'}, if send_time is ${what}`, () => {
      expect(legacyMessage(aDocument({ send_time: sendTime })).sentAt).to.equal(sentAt);
    });
  }

  const members: readonly (readonly [string, unknown, string])[] = [
    ['missing', undefined, ''],
    ['null', null, ''],
    ['a number', 17, '17'],
    ['a boolean', false, 'false'],
    ['an object', { a: [1] }, '{"a":[1]}'],
    ['an id', _id, '"6a0eb3c7aabbccddeeff0011"'],
  ];
  for (const [what, member, text] of members) {
    it(`has a text for a member that is ${what}`, () => {
      const message = legacyMessage(aDocument({ from: member, to: member, message: member }));
      expect(message).to.include({ from: text, to: text, message: text });
    });
  }
});

describe("A document of the NestJS service's failed messages", () => {
  const failed = { reason: 'Message validation failed', failedAt: new Date(MADE_AT + 250) };

  it('is a dead letter that claims no more than the document says', () => {
    const { key, value, ...letter } = legacyLetter({ ...aDocument(failed), _id }, identities);
    expect(letter).to.deep.equal({
      id: '6a0eb3c7aabbccddeeff0011',
      ...{ from: 'clientA', to: 'clientB', message: 'Grüße 👋' },
      sentAt: START,
      content: identities.contentOf({ from: 'clientA', to: 'clientB', message: 'Grüße 👋' }),
      truncated: false,
      ...{ reason: 'Message validation failed', code: 'foreign-dead-letter', disposition: 'rejected' },
      ...{ attempts: 0, failedAt: MADE_AT + 250, replays: 0 },
    });
    expect(String(key)).to.equal('clientB');
    expect(JSON.parse(String(value))).to.deep.equal({ from: 'clientA', to: 'clientB', message: 'Grüße 👋' });
  });

  it("has the document's failure time, also if that is a string, or its creation time", () => {
    const failedAt = (member: unknown): number =>
      legacyLetter(aDocument({ failedAt: member }), identities).failedAt;
    expect(failedAt(new Date(5))).to.equal(5);
    expect(failedAt('2026-11-20T08:30:15.123Z')).to.equal(MADE_AT + 123);
    expect(failedAt(undefined)).to.equal(MADE_AT);
    expect(failedAt('soon')).to.equal(MADE_AT);
  });

  it('has a reason even if the document has none, or one that is not a string', () => {
    const reason = (member: unknown): string =>
      legacyLetter(aDocument({ reason: member }), identities).reason;
    expect(reason(undefined)).to.equal('The service that recorded it gave no reason.');
    expect(reason('')).to.equal('The service that recorded it gave no reason.');
    expect(reason({ code: 11000 })).to.equal('{"code":11000}');
  });
});
