FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build
RUN npm prune --omit=dev

FROM node:24-slim
LABEL org.opencontainers.image.title="postrider" \
      org.opencontainers.image.description="Client-to-client messaging over Kafka, stored in MongoDB" \
      org.opencontainers.image.licenses="MIT"
# Listens on all interfaces, because no other machine can reach a container's loopback address. DATA_DIR is used only
# with BACKEND=embedded: mount a volume there.
ENV NODE_ENV=production \
    BACKEND=full \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATA_DIR=/home/node/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY LICENSE ./
USER node
EXPOSE 3000
# Checks liveness, not readiness: restarting a container does not help while Kafka is down.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "process.env.TLS_CERT_FILE && (process.env.NODE_TLS_REJECT_UNAUTHORIZED = 0); fetch(`http${process.env.TLS_CERT_FILE ? 's' : ''}://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# The same flags as `npm start`: in a young generation of this size, a batch's garbage is dead before V8 would copy it.
CMD ["node", "--min-semi-space-size=32", "--max-semi-space-size=32", "dist/main.js"]
