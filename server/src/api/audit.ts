import { diffViews, type FieldChanges, maskRequest, withMaskedFields } from "../core/audit.ts";
import { isObject, type JsonValue } from "../core/json.ts";
import type { Database } from "../runtime/database.ts";
import { type AuditActor, insertAuditEntry } from "../store/audit.ts";
import type { Described } from "./audit-subjects.ts";
import { type AuditSubject, auditSubjects } from "./audit-subjects.ts";
import type { ApiDeps } from "./deps.ts";
import type { Answer, Call, Caller, Route } from "./route.ts";

/** How the calls of a route are recorded. */
export type AuditPlan = AuditSubject & {
  /** Kind and verb, such as `endpoint.update`. */
  readonly action: string;
  /** True when the fields do not tell what was asked for. */
  readonly keepsRequest: boolean;
  /** True when the entry is written in the transaction of the change. */
  readonly isInTransaction: boolean;
};

/** Calls that look like changes and leave nothing behind; every other one is recorded. */
export const UNRECORDED = [
  "POST /integrations/{id}/preview",
  "POST /integrations/{id}/trial",
  "POST /templates/render",
  "POST /expressions/check",
  "POST /links/check",
] as const satisfies readonly string[];

/** Verbs that the path does not say. */
const ACTIONS: Readonly<Record<string, string>> = {
  "POST /setup": "user.set_up",
  "POST /invites/accept": "user.accept_link",
  "POST /session": "session.sign_in",
  "DELETE /session": "session.sign_out",
  "DELETE /sessions": "session.sign_out_everywhere",
  "DELETE /sessions/{id}": "session.end",
  "POST /session/password": "user.change_password",
  "POST /users": "user.invite",
};

/** How a route is recorded, or null when it changes nothing. */
export function auditPlanOf(deps: ApiDeps, route: Route): AuditPlan | null {
  const name = `${route.method} ${route.path}`;
  if (route.method === "GET" || UNRECORDED.some((one) => one === name)) return null;
  const [, segment = "", ...rest] = route.path.split("/");
  const subject = auditSubjects(deps)[segment] ?? { kind: segment.replaceAll("-", "_"), describe: null };
  const last = rest
    .filter((part) => !part.startsWith("{"))
    .at(-1)
    ?.replaceAll("-", "_");
  const verb = last ?? { POST: "create", PATCH: "update", DELETE: "delete" }[route.method];
  // What is no transaction of the database by itself is recorded once it is done.
  const isInTransaction = route.access !== "anyone" && (route.method !== "POST" || route.isIdempotent);
  const keepsRequest = subject.describe === null || (route.method === "POST" && last !== undefined);
  return { ...subject, action: ACTIONS[name] ?? `${subject.kind}.${verb}`, keepsRequest, isInTransaction };
}

/** What is recorded of a call besides its effect. */
export type AuditedCall = Pick<Call<unknown, unknown, unknown>, "body" | "requestId" | "source"> & {
  readonly caller: Caller | null;
  readonly id: string | null;
};

/** Does the work and records it; nothing is recorded of what was refused or only tried. */
export async function recordWork(
  deps: Pick<ApiDeps, "ids" | "clock">,
  plan: AuditPlan,
  call: AuditedCall,
  database: Database,
  work: (database: Database) => Promise<Answer>,
): Promise<Answer> {
  const describe = async (id: string | null): Promise<Described | null> =>
    id === null || plan.describe === null || call.caller === null
      ? null
      : plan.describe(database, call.caller.organizationId, id);
  const body = call.body as JsonValue | undefined;
  const bulk = bulkOf(plan, body);
  // What is done to one thing by way of many is a change of that thing like any other.
  const given = call.id ?? (bulk?.ids.length === 1 ? (bulk.ids[0] ?? null) : null);
  const before = await describe(given);
  const answer = await work(database);
  if (isObject(body) && body.dry_run === true) return answer;
  const actor = actorOf(call.caller, answer);
  if (actor === null) return answer;
  const id = given ?? textAt(answer.body, "id") ?? (plan.kind === "user" ? actor.actor.id : null);
  const after = await describe(id);
  await insertAuditEntry(database, {
    organizationId: actor.organizationId,
    id: deps.ids.next(),
    at: deps.clock.now(),
    actor: actor.actor,
    address: call.source.address,
    requestId: call.requestId,
    action: bulk === null ? plan.action : `${plan.kind}.${bulk.verb}`,
    object: {
      kind: plan.kind,
      id,
      name:
        (after ?? before)?.name ?? (bulk === null ? nameOf(plan, answer, actor.actor) : `${bulk.ids.length} at once`),
    },
    changes: bulk === null ? changesOf(before, after, body) : diffOf(before, after),
    request: plan.keepsRequest ? maskRequest(body ?? null) : null,
  });
  return answer;
}

/** What a call for many asks for, and of which; null for any other call. */
function bulkOf(plan: AuditPlan, body: JsonValue | undefined): { verb: string; ids: readonly string[] } | null {
  if (!plan.action.endsWith(".bulk") || !isObject(body)) return null;
  const { action, ids } = body;
  if (typeof action !== "string" || !Array.isArray(ids)) return null;
  return { verb: action, ids: ids.filter((one) => typeof one === "string") };
}

function diffOf(before: Described | null, after: Described | null): FieldChanges {
  return before === null || after === null ? {} : diffViews(before.fields, after.fields);
}

function changesOf(before: Described | null, after: Described | null, body: JsonValue | undefined): FieldChanges {
  const changes = diffViews(before?.fields ?? null, after?.fields ?? null);
  return before === null || after === null ? changes : withMaskedFields(changes, body);
}

/** Whoever signs in is known by the answer alone. */
function actorOf(caller: Caller | null, answer: Answer): { organizationId: string; actor: AuditActor } | null {
  if (caller !== null) {
    const { organizationId, kind, id, name } = caller;
    return { organizationId, actor: { kind, id, name } };
  }
  const { user, organization } = isObject(answer.body) ? answer.body : {};
  const [id, name, organizationId] = [textAt(user, "id"), textAt(user, "name"), textAt(organization, "id")];
  if (id === null || name === null || organizationId === null) return null;
  return { organizationId, actor: { kind: "user", id, name } };
}

function nameOf(plan: AuditPlan, answer: Answer, actor: AuditActor): string | null {
  return textAt(answer.body, "name") ?? (plan.kind === "user" || plan.kind === "session" ? actor.name : null);
}

function textAt(value: unknown, name: string): string | null {
  const text = isObject(value) ? value[name] : null;
  return typeof text === "string" ? text : null;
}
