import { expect } from 'chai';
import { ServedClients } from '../../../../src/domain/delivery/served-clients.js';

describe('served clients', () => {
  it('are all of them, or those named', () => {
    expect(ServedClients.all.serves('anyone')).to.equal(true);
    const some = ServedClients.only(['clientA', 'clientB']);
    expect(['clientA', 'clientB', 'clientC', 'clienta'].map((c) => some.serves(c))).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
  });

  it('include nobody in particular: what has no valid recipient concerns every receiver', () => {
    const some = ServedClients.only(['clientA']);
    expect(['', 'not valid', '..', 'x'.repeat(129)].map((to) => some.serves(to))).to.deep.equal([
      true,
      true,
      true,
      true,
    ]);
  });

  it('are the same set in whatever order and however often they are written', () => {
    const canonical = ServedClients.only(['b', 'a', 'b', 'C']).canonical;
    expect(canonical).to.equal(ServedClients.only(['C', 'a', 'b']).canonical);
    expect(canonical).to.equal('C,a,b');
    expect(ServedClients.all.canonical).to.equal(undefined);
  });
});
