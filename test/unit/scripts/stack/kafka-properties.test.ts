import { expect } from 'chai';
import { kafkaProperties } from '../../../../scripts/stack/kafka-properties.js';
import type { KafkaOptions } from '../../../../scripts/stack/server.js';

const PLACE = { host: '127.0.0.1', port: 1, controllerPort: 3, dataFolder: '/data' };

const lines = (options: KafkaOptions): string[] => kafkaProperties(PLACE, options).split('\n');

describe('The settings of a test Kafka', () => {
  it('have one plain listener, and advertise a given address in front of it', () => {
    const settings = lines({ advertisedPort: 9 });
    expect(settings).to.include('listeners=PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:3');
    expect(settings).to.include('advertised.listeners=PLAINTEXT://127.0.0.1:9');
  });

  it('have one more listener for each security protocol', () => {
    const settings = lines({ secured: { SSL: 4, SASL_SSL: 5 } });
    const clients = 'PLAINTEXT://127.0.0.1:1,SSL://127.0.0.1:4,SASL_SSL://127.0.0.1:5';
    expect(settings).to.include(`listeners=${clients},CONTROLLER://127.0.0.1:3`);
    expect(settings).to.include(`advertised.listeners=${clients}`);
    const protocols = 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL';
    expect(settings).to.include(`listener.security.protocol.map=${protocols}`);
  });

  it("prefer a test's settings to the defaults", () => {
    const own = lines({ properties: { 'num.partitions': '7' } });
    expect(own.filter((line) => line.startsWith('num.partitions'))).to.deep.equal(['num.partitions=7']);
  });

  it('replicate everything to three nodes, of which one may be down', () => {
    const member = { nodeId: 2, controllerPorts: [11, 12, 13] };
    const settings = kafkaProperties({ ...PLACE, member }, {}).split('\n');
    expect(settings).to.include('node.id=2');
    expect(settings).to.include('controller.quorum.voters=1@127.0.0.1:11,2@127.0.0.1:12,3@127.0.0.1:13');
    for (const setting of [
      'default.replication.factor=3',
      'min.insync.replicas=2',
      'offsets.topic.replication.factor=3',
    ]) {
      expect(settings).to.include(setting);
    }
  });

  it('keep a value of several lines, such as PEM text, in one', () => {
    expect(lines({ properties: { pem: 'a\nb\\c' } })).to.include('pem=a\\nb\\\\c');
  });
});
