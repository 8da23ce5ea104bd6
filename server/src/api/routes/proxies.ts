import { Type } from "typebox";
import type { ApiDeps } from "../deps.ts";
import { defineRoute, type Route } from "../route.ts";
import { strict } from "../schemas/shared.ts";

/** `/proxies`: what an endpoint's `proxy` may name; where they stand is the operator's business. */
export function proxyRoutes(deps: Pick<ApiDeps, "proxyNames">): readonly Route[] {
  return [
    defineRoute("GET", "/proxies", {
      role: "viewer",
      tag: "endpoints",
      summary: "List forward proxies",
      description: "The names of those that endpoints may choose as `proxy`; where they stand only the operator knows.",
      answers: { 200: strict({ data: Type.Array(strict({ name: Type.String() })), next_cursor: Type.Null() }) },
      handle: async () => ({ body: { data: deps.proxyNames.map((name) => ({ name })), next_cursor: null } }),
    }),
  ];
}
