/** The images of the servers, the same as in docker-compose.yml. */
export const KAFKA_IMAGE = 'apache/kafka:4.1.0';
export const MONGODB_IMAGE = 'mongo:7';
