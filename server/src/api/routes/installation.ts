import type { ApiDeps } from "../deps.ts";
import { defineRoute, type Route } from "../route.ts";
import { SystemView } from "../schemas/system.ts";
import { viewSystem } from "../system-view.ts";

const tag = "operation";

/** `/system`, for whoever runs the installation. */
export function installationRoutes(deps: ApiDeps): readonly Route[] {
  return [system(deps), supportBundle(deps)];
}

function system(deps: ApiDeps): Route {
  return defineRoute("GET", "/system", {
    role: "admin",
    tag,
    summary: "See how the installation stands",
    description: "Nodes, database, queues, tables, and the configuration in effect with where it comes from.",
    answers: { 200: SystemView },
    handle: async () => ({ body: await viewSystem(deps) }),
  });
}

function supportBundle(deps: ApiDeps): Route {
  return defineRoute("GET", "/system/support-bundle", {
    role: "admin",
    tag,
    summary: "Download what helps others to help",
    description: "The same as one JSON file with the node's metrics; no secrets, no addresses, no content of alerts.",
    answers: { 200: null },
    handle: async () => {
      const view = await viewSystem(deps);
      const bundle = {
        ...view,
        database: { ...view.database, place: view.database.is_embedded ? "embedded" : "external" },
        // Addresses, hosts and paths are the operator's own.
        configuration: view.configuration.map((one) =>
          one.source === "default" || SHOWN_VALUES.test(one.value) ? one : { ...one, value: "(set)" },
        ),
        metrics: (await deps.metrics.exposition()).split("\n"),
      };
      const name = `overwatch-support-${view.at.slice(0, 19).replaceAll(":", "-")}.json`;
      return {
        body: null,
        raw: { bytes: Buffer.from(JSON.stringify(bundle, null, 2)), contentType: "application/json; charset=utf-8" },
        headers: { "content-disposition": `attachment; filename="${name}"` },
      };
    },
  });
}

/** Numbers, and the words that settings choose from. */
const SHOWN_VALUES = /^(\d{1,9}|true|false|all|receive|work|debug|info|warn|error|)$/;
