import { useQuery } from "@tanstack/react-query";
import type { RenderWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { useIsAllowed } from "../../lib/session.ts";

/** What expressions read, as the standard body tells it of an incident. */
export type Example = Readonly<Record<string, unknown>>;

/** The values of an incident, or of the sample, as expressions read them. */
export function useExample(incidentId: string | null) {
  const canTry = useIsAllowed("responder");
  return useQuery({
    queryKey: ["example", incidentId],
    queryFn: async ({ signal }): Promise<Example> => {
      const body = { template: null, ...(incidentId === null ? {} : { incident_id: incidentId }) };
      return contextOf(await change<RenderWire>("POST", "/templates/render", body, { signal }));
    },
    enabled: canTry,
    staleTime: 60_000,
  });
}

function contextOf({ body }: RenderWire): Example {
  const told = JSON.parse(body ?? "{}") as { type?: string; timestamp?: string; data?: Example };
  const event = { id: "", type: told.type ?? "incident.created", created_at: told.timestamp ?? "" };
  const alert = told.data?.alert;
  return { ...told.data, alerts: alert == null ? [] : [alert], event, endpoint: { id: "", name: "" }, link: {} };
}

/** A name that expressions can use, with what it holds now. */
export type Path = { readonly label: string; readonly detail: string };

const MOST_SHOWN = 40;

/** The paths of an example with their values, and the further names. */
export function pathsOf(example: Example | undefined, names: readonly string[]): readonly Path[] {
  const further = names.map((label) => ({ label, detail: "variable" }));
  return [...further, ...Object.entries(example ?? {}).flatMap(([name, value]) => pathsBelow(name, value))];
}

function pathsBelow(path: string, value: unknown): readonly Path[] {
  if (Array.isArray(value)) return [{ label: path, detail: `list of ${value.length}` }];
  if (typeof value !== "object" || value === null) return [{ label: path, detail: shorten(String(value)) }];
  const entries = Object.entries(value).flatMap(([name, inner]) =>
    pathsBelow(/^[A-Za-z_]\w*$/.test(name) ? `${path}.${name}` : `${path}['${name}']`, inner),
  );
  return [{ label: path, detail: "object" }, ...entries];
}

function shorten(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
