import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchOnce } from './cache.js';
import { runCommand } from './run-command.js';

export const KAFKA_VERSION = '4.1.0';

const dependency = (artifact: string): string =>
  `<dependency><groupId>org.apache.kafka</groupId><artifactId>${artifact}</artifactId><version>${KAFKA_VERSION}</version></dependency>`;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>postrider</groupId><artifactId>kafka-jars</artifactId><version>1</version>
<dependencies>${dependency('kafka_2.13')}${dependency('kafka-tools')}</dependencies></project>`;

const LOG4J = `Configuration:
  Appenders: { Console: { name: STDOUT, PatternLayout: { pattern: "%d %p %m (%c)%n" } } }
  Loggers: { Root: { level: WARN, AppenderRef: { ref: STDOUT } } }
`;

/**
 * Returns the folder with Kafka's jars and a log4j2.yaml that logs little. Maven downloads the jars the first
 * time.
 */
export function kafkaJars(): Promise<string> {
  return fetchOnce(`kafka-${KAFKA_VERSION}`, async (folder) => {
    await writeFile(join(folder, 'pom.xml'), POM);
    await writeFile(join(folder, 'log4j2.yaml'), LOG4J);
    const output = `-DoutputDirectory=${folder}`;
    await runCommand('mvn', ['-q', '-B', 'dependency:copy-dependencies', output], folder);
  });
}
