export const KAFKA_PORT = 9092;
export const MONGODB_PORT = 27017;
export const KAFKA = `localhost:${String(KAFKA_PORT)}`;
export const MONGODB = `mongodb://localhost:${String(MONGODB_PORT)}`;
