# One image for every role: append `node server/main.ts api`, `worker` or `all` (the default) to `docker run`.
# The server runs from source (Node strips the types); only the web client is built.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The web client's packages stay out: the image holds what was built with them. Node itself it has already.
RUN npm ci --omit=dev --workspaces=false --ignore-scripts --no-audit --no-fund \
    && rm -rf node_modules/node-linux-* node_modules/node-bin-* node_modules/.bin/node
# What only editors and debuggers read.
RUN find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM ${NODE_IMAGE} AS client
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
COPY web/package.json web/
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY contract contract
COPY web web
RUN node_modules/.bin/vite build --config web/vite.config.ts

FROM ${NODE_IMAGE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Pollux" \
      org.opencontainers.image.description="Paid AI chat: API and worker" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# The API answers on PORT; every process tells the operator on HEALTH_PORT how it is. /data is written to in embedded mode only.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 HEALTH_PORT=8001 DATA_DIR=/data
WORKDIR /app
RUN install -d -o 1000 -g 1000 /data
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY contract contract
COPY bin bin
COPY server server
COPY --from=client /app/web/dist web/dist
COPY deploy/healthcheck.ts deploy/
# A number, so that Kubernetes can check runAsNonRoot.
USER 1000:1000
EXPOSE 8000 8001
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
    CMD ["node", "deploy/healthcheck.ts"]
# Node itself is process 1 and handles SIGTERM; it starts no processes that would need reaping.
ENTRYPOINT []
CMD ["node", "--liftoff-only", "--max-semi-space-size=16", "server/main.ts", "all"]
