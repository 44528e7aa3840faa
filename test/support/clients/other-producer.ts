import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import type { Conversation } from './conversation.js';
import { eventually } from '../eventually.js';
import type { ProgramEnv } from '../program/spawned-program.js';

/** Another program's producer, connected once the topics of the program behind the conversation exist. */
export async function otherProducer(env: ProgramEnv, conversation: Conversation): Promise<Producer> {
  // The program creates them before it accepts a send.
  await eventually(
    async () => (await conversation.send({ from: 'a', to: 'first', message: 'ours' })) === 201,
  );
  const brokers = String(env['KAFKA_BROKER']).split(',');
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  return producer;
}
