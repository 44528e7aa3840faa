import { InMemoryLegacyCollections } from '../../../support/memory/in-memory-legacy-collections.js';
import { legacyCollectionsContract } from '../../../contract/legacy-import/legacy-collections.contract.js';
import { aLetter } from '../../../support/builders.js';

legacyCollectionsContract('InMemoryEarlierCollections', () => {
  const collections = new InMemoryLegacyCollections();
  return Promise.resolve({
    collections,
    insert: (kind, ...samples) => {
      for (const { id, ...raw } of samples) {
        collections.add(kind, { key: id, raw, letter: aLetter({ to: '', message: '', ...raw, id }) });
      }
      return Promise.resolve();
    },
    aside: (kind) => Promise.resolve(collections.setAsideItems(kind).map(({ letter }) => letter.id)),
    close: () => Promise.resolve(),
  });
});
