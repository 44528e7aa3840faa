import { apiKeysContract } from '../../../contract/access/api-keys.contract.js';
import { mongoStoreFactory } from '../mongo-test-store.js';

apiKeysContract('MongoApiKeys', mongoStoreFactory(), { reopens: true });
