import { expect } from 'chai';
import { ServedClients } from '../../../../src/domain/delivery/served-clients.js';

describe('served clients', () => {
  it('are all clients, or the named ones', () => {
    expect(ServedClients.all.serves('anyone')).to.equal(true);
    const some = ServedClients.only(['clientA', 'clientB']);
    expect(['clientA', 'clientB', 'clientC', 'clienta'].map((c) => some.serves(c))).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
  });

  it('include records without a valid recipient, which concern every receiver', () => {
    const some = ServedClients.only(['clientA']);
    expect(['', 'not valid', '..', 'x'.repeat(129)].map((to) => some.serves(to))).to.deep.equal([
      true,
      true,
      true,
      true,
    ]);
  });

  it('are the same set in any order and with repetitions', () => {
    const canonical = ServedClients.only(['b', 'a', 'b', 'C']).canonical;
    expect(canonical).to.equal(ServedClients.only(['C', 'a', 'b']).canonical);
    expect(canonical).to.equal('C,a,b');
    expect(ServedClients.all.canonical).to.equal(undefined);
  });
});
