// npm run stack:up / stack:down: starts or stops a real Kafka and MongoDB at the default addresses, for
// developers.
import { serverKind } from './stack/availability.js';
import { DockerStack } from './stack/docker-stack.js';
import { LocalStack } from './stack/local-stack.js';

try {
  const kind = await serverKind();
  if (typeof kind !== 'string')
    throw new Error(`The servers cannot be started on this machine. Missing: ${kind.missing}.`);
  const stack = kind === 'docker' ? new DockerStack() : new LocalStack();
  if (process.argv[2] === 'up') {
    console.log('Starting Kafka and MongoDB (the first start downloads them) ...');
    await stack.up();
    console.log(
      'Kafka runs at localhost:9092, MongoDB at mongodb://localhost:27017/messaging-db?directConnection=true.',
    );
  } else if (process.argv[2] === 'down') {
    await stack.down();
    console.log('Kafka and MongoDB are stopped. Their data is kept.');
  } else {
    throw new Error('Usage: npm run stack:up | npm run stack:down');
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
