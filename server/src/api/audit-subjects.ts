import { viewIncident } from "../core/incident-view.ts";
import type { JsonObject } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import { findApiKey } from "../store/api-keys.ts";
import { findDelivery } from "../store/deliveries-read.ts";
import { findEndpoint } from "../store/endpoints.ts";
import { findIncident } from "../store/incidents.ts";
import { findIntegration } from "../store/integrations.ts";
import { findUser } from "../store/users.ts";
import type { ApiDeps } from "./deps.ts";
import { viewEndpoints } from "./endpoint-view.ts";
import { viewIntegrations } from "./integration-view.ts";

/** A thing as an audit entry compares it: its name, and its fields without secrets. */
export type Described = { readonly name: string; readonly fields: JsonObject };

/** Looks up what a thing is at present; null when there is none. */
export type Describe = (db: Queryable, organizationId: string, id: string) => Promise<Described | null>;

/** What a path below /api/v1 is about. */
export type AuditSubject = { readonly kind: string; readonly describe: Describe | null };

/** The subjects by the first part of the path. A part that is missing here is audited all the same, without a diff. */
export function auditSubjects(deps: ApiDeps): Readonly<Record<string, AuditSubject>> {
  return {
    integrations: { kind: "integration", describe: describeIntegration(deps) },
    endpoints: { kind: "endpoint", describe: describeEndpoint(deps) },
    incidents: { kind: "incident", describe: describeIncident(deps) },
    deliveries: { kind: "delivery", describe: describeDelivery },
    "bulk-runs": { kind: "bulk_run", describe: null },
    receipts: { kind: "receipt", describe: null },
    views: { kind: "view", describe: null },
    users: { kind: "user", describe: describeUser },
    session: { kind: "user", describe: null },
    sessions: { kind: "session", describe: null },
    setup: { kind: "user", describe: null },
    invites: { kind: "user", describe: null },
    "api-keys": { kind: "api_key", describe: describeKey },
  };
}

function describeIntegration(deps: ApiDeps): Describe {
  return async (db, organizationId, id) => {
    const integration = await findIntegration(db, organizationId, id);
    if (integration === null) return null;
    const [view] = await viewIntegrations(deps, db, organizationId, [integration], "viewer");
    return view === undefined ? null : { name: integration.name, fields: plain(view) };
  };
}

function describeEndpoint(deps: ApiDeps): Describe {
  return async (db, organizationId, id) => {
    const endpoint = await findEndpoint(db, organizationId, id);
    if (endpoint === null) return null;
    const [view] = await viewEndpoints(deps, db, organizationId, [endpoint], "viewer");
    return view === undefined ? null : { name: endpoint.name, fields: plain(view) };
  };
}

function describeIncident(deps: ApiDeps): Describe {
  return async (db, organizationId, id) => {
    const incident = await findIncident(db, organizationId, id);
    if (incident === null) return null;
    return { name: `#${incident.number} ${incident.title}`, fields: plain(viewIncident(incident, deps.publicUrl())) };
  };
}

const describeDelivery: Describe = async (db, organizationId, id) => {
  const delivery = await findDelivery(db, organizationId, id);
  if (delivery === null) return null;
  return { name: delivery.eventType, fields: { status: delivery.status } };
};

const describeUser: Describe = async (db, organizationId, id) => {
  const user = await findUser(db, organizationId, id);
  if (user === null) return null;
  const { name, email, role } = user;
  return { name, fields: { name, email, role, disabled: user.disabledAt !== null } };
};

const describeKey: Describe = async (db, organizationId, id) => {
  const key = await findApiKey(db, organizationId, id);
  if (key === null) return null;
  const expiresAt = key.expiresAt === null ? null : new Date(key.expiresAt).toISOString();
  const fields = { name: key.name, role: key.role, expires_at: expiresAt, revoked: key.revokedAt !== null };
  return { name: key.name, fields };
};

/** A view as JSON has it. */
function plain(view: object): JsonObject {
  return JSON.parse(JSON.stringify(view)) as JsonObject;
}
