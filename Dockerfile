# A node of Overwatch for an external PostgreSQL: set DATABASE_URL, OVERWATCH_SECRET_KEY and OVERWATCH_BOOTSTRAP_API_KEY.
FROM node:26-slim AS libraries
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY server/package.json server/
COPY web/package.json web/
# The embedded PostgreSQL is an optional library and stays out.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM node:26-slim AS console
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.base.json ./
COPY server/package.json server/
COPY web/package.json web/
# Not without optional libraries: the bundler's native part is one.
RUN npm ci --include=dev --no-audit --no-fund --workspace web
COPY web web
RUN npx vite build web

FROM node:26-slim
# Memory as `npm start` gives it, see docs/performance.md.
ENV MALLOC_ARENA_MAX=2
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 OVERWATCH_DATA_DIR=/data
WORKDIR /app
COPY --from=libraries /app ./
COPY LICENSE ./
COPY server/migrations server/migrations
COPY server/src server/src
COPY --from=console /app/web/dist web/dist
# The program's own files belong to root, so the program cannot change them.
USER node
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node itself gets the signals: npm would not pass SIGTERM on.
CMD ["node", "--max-semi-space-size=4", "server/src/main.ts", "serve"]
