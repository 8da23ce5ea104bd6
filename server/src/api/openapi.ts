import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import { PLATFORM_NAMES } from "../platforms/platform.ts";
import type { Route } from "./route.ts";

const TAGS = {
  integrations: "Connections to monitoring platforms, each with its own webhook URL",
  receipts: "Every webhook that was accepted, byte for byte, and what became of it",
  alerts: "The conditions that platforms report",
  incidents: "What people act on",
  endpoints: "Where outgoing webhooks go",
  events: "What happened, as it was told to endpoints",
  deliveries: "One event to one endpoint, with every attempt",
  overview: "How things stand, in one look",
  views: "Searches that people keep",
  ledger: "Whether every event is accounted for",
  "bulk-runs": "Many deliveries worked off at a pace: retries, cancellations, recoveries, replays",
  templates: "Trying templates and expressions before saving them",
  session: "Signing in and out; the first start",
  users: "The people of the organization",
  "api-keys": "Programs that may call this API",
  audit: "Who changed what",
  organization: "The tenant that the key belongs to",
  receiving: "What monitoring platforms call",
  operation: "Health and metrics",
};

/** The word by which the docs group a call. */
export type Tag = keyof typeof TAGS;

/** How the OpenAPI 3.1 document is made from the routes. */
export function openApiOptions(): FastifyDynamicSwaggerOptions {
  return {
    convertConstToEnum: false,
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Overwatch",
        version: "1",
        description:
          "Verified webhooks in, incidents, signed webhooks out. Every error has the shape of `ErrorAnswer`; lists are " +
          "newest first, `next_cursor` leads on; `PATCH` takes `If-Match`, `POST` takes `Idempotency-Key`.",
      },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          apiKey: { type: "http", scheme: "bearer", description: "An API key of your organization" },
          session: {
            type: "apiKey",
            in: "cookie",
            name: "overwatch_session",
            description: "A person who is signed in; changes need X-Overwatch-CSRF as well",
          },
        },
      },
      paths: { "/api/v1/webhooks/{platform}/{integration_id}": { post: webhookOperation() } },
    },
  };
}

/** The HTTP statuses of errors that a call can answer with. */
export function errorCodesOf(route: Route): readonly number[] {
  const isWrite = route.method !== "GET";
  const isOfOne = route.path.includes("{");
  return [
    ...(isWrite || route.query !== null ? [400] : []),
    401,
    403,
    ...(isOfOne || route.access === "anyone" ? [404] : []),
    ...(isWrite ? [409] : []),
    ...(route.method === "PATCH" ? [412] : []),
    ...(isWrite ? [413, 415] : []),
    422,
    429,
    503,
  ];
}

type Operation = NonNullable<
  NonNullable<NonNullable<Extract<FastifyDynamicSwaggerOptions["openapi"], object>["paths"]>[string]>["post"]
>;

/** The receiving path stands outside this server, so it is described by hand. */
function webhookOperation(): Operation {
  const parameter = (name: string, schema: object) => ({ name, in: "path", required: true, schema });
  return {
    tags: ["receiving"],
    summary: "Send a webhook",
    description:
      "Verified over the raw bytes by the integration's own scheme; 200 means that the bytes are committed. See the " +
      "documentation of receiving for the checks and their order.",
    security: [],
    parameters: [
      parameter("platform", { type: "string", enum: [...PLATFORM_NAMES] }),
      parameter("integration_id", { type: "string", format: "uuid" }),
    ],
    requestBody: { required: true, content: { "application/json": { schema: {} } } },
    responses: {
      200: { description: "Stored; `processing_status` is `queued` or `quarantined`" },
      401: { description: "WEBHOOK_VALIDATION_FAILED" },
      403: { description: "INTEGRATION_DISABLED or SOURCE_NOT_ALLOWED" },
      404: { description: "INTEGRATION_NOT_FOUND" },
      413: { description: "PAYLOAD_TOO_LARGE" },
      415: { description: "UNSUPPORTED_ENCODING" },
      422: { description: "QUARANTINE_FULL" },
      429: { description: "RATE_LIMITED, for senders that retry it" },
      503: { description: "RATE_LIMITED for other senders, STORAGE_UNAVAILABLE, OVERLOADED or SHUTTING_DOWN" },
    },
  };
}
