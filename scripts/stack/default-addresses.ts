export const KAFKA_PORT = 9092;
export const MONGODB_PORT = 27017;
export const KAFKA = `localhost:${KAFKA_PORT}`;
export const MONGODB = `mongodb://localhost:${MONGODB_PORT}`;
