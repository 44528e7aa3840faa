/** The server cannot run transactions. Waiting does not help: an operator must turn it into a replica set. */
export class StandaloneServer extends Error {
  override readonly name = 'StandaloneServer';

  constructor(host: string) {
    super(
      `MONGODB_URI names a standalone MongoDB server (${host}), and a message's fate is one transaction, which needs ` +
        'a replica set; one node is enough. Start the server with\n' +
        '  mongod --replSet rs0 (and the options it has now)\n' +
        'and then, once:\n' +
        `  mongosh "mongodb://${host}/?directConnection=true" --eval "rs.initiate()"`,
    );
  }
}
