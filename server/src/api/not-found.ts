import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { OverwatchError } from "../core/errors.ts";

const NONE: readonly string[] = [];

/**
 * Answers what no route took: 405 with Allow where the path exists, 204 with Allow for OPTIONS, else 404. Call it
 * before routes are registered.
 */
export function handleNotFound(app: FastifyInstance): void {
  const methodsByPattern = new Map<string, string[]>();
  app.addHook("onRoute", ({ method, url }) => {
    const methods = methodsByPattern.get(url) ?? [];
    methods.push(...[method].flat());
    methodsByPattern.set(url, methods);
  });
  const methodsOf = (path: string): readonly string[] => {
    for (const [pattern, methods] of methodsByPattern) if (isMatch(pattern, path)) return methods;
    return NONE;
  };
  app.setNotFoundHandler(async (request: FastifyRequest, reply: FastifyReply) => {
    const methods = methodsOf(request.raw.url?.split("?", 1)[0] ?? "/");
    if (methods.length === 0) throw new OverwatchError("NOT_FOUND");
    reply.header("allow", [...methods, "OPTIONS"].join(", "));
    // No CORS headers: a page of another origin learns nothing from this.
    if (request.method === "OPTIONS") return reply.code(204).send();
    throw new OverwatchError("METHOD_NOT_ALLOWED");
  });
}

function isMatch(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const given = path.split("/");
  return wanted.length === given.length && wanted.every((part, index) => part.startsWith(":") || part === given[index]);
}
