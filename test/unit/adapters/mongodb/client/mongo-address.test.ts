import { expect } from 'chai';
import { mongoAddress } from '../../../../../src/adapters/mongodb/client/mongo-address.js';

describe('mongoAddress', () => {
  const addresses = [
    ['mongodb://h/d', 'mongodb://h/d'],
    ['mongodb://u:secret@m1:27017,[::1]:27018/mail?authSource=admin', 'mongodb://m1:27017,[::1]:27018/mail'],
    [
      'mongodb+srv://u:secret@cluster.test/?tlsCertificateKeyFilePassword=secret',
      'mongodb+srv://cluster.test/',
    ],
    ['mongodb://u:p@secret?w0rd@m1/mail', 'mongodb://m1/mail'],
    ['postgres://u:secret@h/d', 'postgres://h/d'],
    ['MONGODB://u:secret@h', 'MONGODB://h'],
    ['h:27017/d', 'h:27017/d'],
  ] as const;
  for (const [uri, address] of addresses) {
    it(`keeps the scheme, the hosts and the database of ${uri}`, () => {
      expect(mongoAddress(uri)).to.equal(address);
    });
  }

  const unclear = [
    'mongodb://user:secret',
    'mongodb://user:secret@h:x/test',
    'mongodb://h/d?tlsCertificateKeyFilePassword=a@secret',
    'mongodb://user:secret/d',
    'mongodb:/user:secret@h:1:2',
    'user:secret',
    'mongodb://user@secret:1x@',
    '',
  ];
  for (const uri of unclear) {
    it(`hides everything but the scheme if the rest may contain a secret: ${uri}`, () => {
      expect(mongoAddress(uri)).to.match(/^(mongodb:\/\/)?\*\*\*$/);
    });
  }
});
