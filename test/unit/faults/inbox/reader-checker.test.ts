import { expect } from 'chai';
import {
  checkReaders,
  summarizeReaders,
  type PositionCheck,
  type ReaderFindings,
  type ReaderHistory,
} from '../../../faults/inbox/reader-checker.js';

const INBOX = ['one', 'two', 'three'];

function found(texts: readonly string[], more: Partial<ReaderHistory> = {}): ReaderFindings {
  const received = [{ reader: 'stream of b', to: 'b', texts }];
  return checkReaders(
    { received, positionChecks: [], resumptions: 0, unexplained: [], ...more },
    new Map([['b', INBOX]]),
  );
}

const check = (position: number, confirmed: number, requested = confirmed, reader = 'b'): PositionCheck => ({
  reader,
  position,
  confirmed,
  requested,
});

describe('The checker of readers in fault runs', () => {
  it('reports nothing if a reader has seen the whole inbox once, in order', () => {
    const findings = found(INBOX, {
      positionChecks: [check(0, 0), check(2, 1, 2), check(3, 3)],
      resumptions: 4,
    });
    expect(summarizeReaders(findings)).to.equal(
      '1 readers, 3 read, 4 streams resumed, 3 read positions checked: ' +
        '0 missed, 0 doubled, 0 swapped, 0 phantom, 0 misplaced, 0 unexplained',
    );
  });

  it('finds messages that a reader has missed, in the middle and at the end', () => {
    expect(found(['one', 'three']).missed).to.deep.equal(['stream of b: two']);
    expect(found(['one', 'two']).missed).to.deep.equal(['stream of b: three']);
  });

  it('finds messages that a reader has seen twice, without reporting them as out of order', () => {
    const { doubled, swapped } = found(['one', 'two', 'one', 'three']);
    expect(doubled).to.deep.equal(['stream of b: one']);
    expect(swapped).to.deep.equal([]);
  });

  it('finds messages that a reader has skipped and seen later', () => {
    expect(found(['two', 'one', 'three']).swapped).to.deep.equal(['stream of b: one']);
  });

  it('finds messages that a reader has seen and the inbox does not contain', () => {
    expect(found([...INBOX, 'four']).phantom).to.deep.equal(['stream of b: four']);
  });

  it('finds a whole inbox missed by its reader', () => {
    expect(found([]).missed).to.have.length(3);
  });

  it('finds a read position that went back', () => {
    expect(found(INBOX, { positionChecks: [check(2, 1, 2), check(1, 1, 2)] }).misplaced).to.deep.equal([
      'b: at 1, not from 2 to 2',
    ]);
  });

  it('finds a read position behind an acknowledged one', () => {
    expect(found(INBOX, { positionChecks: [check(1, 2)] }).misplaced).to.have.length(1);
  });

  it('finds a read position beyond the requested one', () => {
    expect(found(INBOX, { positionChecks: [check(3, 1, 2)] }).misplaced).to.have.length(1);
  });

  it('compares the read positions of each reader separately', () => {
    expect(found(INBOX, { positionChecks: [check(2, 2), check(1, 1, 1, 'c')] }).misplaced).to.deep.equal([]);
  });

  it('reports unexplained responses', () => {
    expect(found(INBOX, { unexplained: ['500'] }).unexplained).to.deep.equal(['500']);
  });
});
