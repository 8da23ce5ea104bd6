import type { FastifyInstance } from "fastify";
import { OverwatchError } from "../../core/errors.ts";
import { isUuid } from "../../runtime/id.ts";
import type { Authenticator } from "../authenticate.ts";
import { TOPICS, type Topic } from "../change-feed.ts";
import type { ApiDeps } from "../deps.ts";
import { invalidField } from "../error-answer.ts";
import type { EventStreams, Listener } from "../event-streams.ts";
import { BASE_PATH } from "../register-route.ts";

/** `GET /stream`: server-sent events (HTML Living Standard, section 9.2) of the caller's organization. */
export function registerStreamRoute(
  app: FastifyInstance,
  deps: ApiDeps,
  authenticator: Authenticator,
  streams: EventStreams,
): void {
  app.get(`${BASE_PATH}/stream`, { schema: streamSchema(), exposeHeadRoute: false }, async (request, reply) => {
    if (deps.isDraining()) throw new OverwatchError("SHUTTING_DOWN");
    const authenticate = () => authenticator.authenticate(request.raw, deps.sourceAddress(request.raw));
    const { organizationId } = await authenticate();
    const lastEventId = request.headers["last-event-id"];
    if (lastEventId !== undefined && (typeof lastEventId !== "string" || !isUuid(lastEventId))) {
      throw invalidField("Last-Event-ID", "is not the id of an event");
    }
    const topics = readTopics((request.query as { readonly topics?: unknown }).topics);
    const response = reply.raw;
    const listener: Listener = {
      organizationId,
      topics,
      write: (text) => void response.write(text),
      pendingBytes: () => response.writableLength,
      end: () => void response.end(),
      isAllowed: () =>
        authenticate().then(
          () => true,
          () => false,
        ),
    };
    const stop = await streams.open(listener, lastEventId?.toLowerCase() ?? null);
    if (stop === null)
      throw new OverwatchError("OVERLOADED", {}, "This organization has too many live streams already");
    response.on("close", stop);
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) response.setHeader(name, value);
    // Proxies must pass events on as they come.
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" });
    response.write("retry: 2000\n\n");
  });
}

function readTopics(given: unknown): ReadonlySet<Topic> {
  if (given === undefined) return new Set<Topic>(["events"]);
  const names = typeof given === "string" ? given.split(",") : [];
  const topics = names.flatMap((name) => TOPICS.find((topic) => topic === name) ?? []);
  if (topics.length === 0 || topics.length !== names.length) {
    throw invalidField("topics", `must be one or more of ${TOPICS.join(", ")}, separated by commas`);
  }
  return new Set(topics);
}

function streamSchema(): object {
  return {
    tags: ["events"],
    summary: "Follow events live",
    description:
      "Server-sent events, each with the event's id, its type as the event's name, and the event as `GET /events/{id}` " +
      "shows it as data; a comment every 15 seconds. `Last-Event-ID` resumes behind that event. With `topics` also " +
      "`receipts` and `deliveries` as they change, once a second.\n\nRole: viewer.",
    security: [{ apiKey: [] }, { session: [] }],
    querystring: {
      type: "object",
      properties: {
        topics: {
          type: "string",
          description: `Some of ${TOPICS.join(", ")}, separated by commas; events when absent`,
        },
      },
      additionalProperties: false,
    },
    headers: { type: "object", properties: { "last-event-id": { type: "string" } } },
    response: { 200: { description: "text/event-stream", type: "string" } },
  };
}
