import type { Static } from "typebox";
import { nameGroup } from "../core/grouping.ts";
import { wireTime } from "../core/incident-view.ts";
import type { Integration } from "../core/integration.ts";
import { isObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { Signal } from "../core/signal.ts";
import type { Database } from "../runtime/database.ts";
import { findEndpointsByIds } from "../store/endpoints.ts";
import { listLiveSecretsOfOwners } from "../store/secrets.ts";
import { openEndpointSecrets } from "../store/sending-endpoint.ts";
import type { ApiDeps, TrialResult } from "./deps.ts";
import { invalidField } from "./error-answer.ts";
import { renderBodyFor } from "./render.ts";
import type { PreviewRequest, PreviewView } from "./schemas/integrations.ts";

type Preview = Static<typeof PreviewView>;

const SHOWN_SIGNALS = 100;

/** Reads a payload through the present configuration of an integration and tells what it would do; writes nothing. */
export async function previewPayload(
  deps: ApiDeps,
  database: Database,
  integration: Integration,
  request: Static<typeof PreviewRequest>,
): Promise<Preview> {
  const now = deps.clock.now();
  const { receipts, events } = await deps.dryRun([
    {
      organizationId: integration.organizationId,
      id: deps.ids.next(),
      integrationId: integration.id,
      platform: integration.platform,
      receivedAt: now,
      verifiedBy: "preview",
      headers: lowerCased(request.headers ?? {}),
      body: bodyOf(request),
      isReplay: false,
    },
  ]);
  const tried = receipts[0];
  if (tried === undefined) throw new Error("a preview had no result");
  const { reading, outcome } = tried;
  const told = listOf(outcome.trace.signals);
  return {
    status: outcome.status === "ignored" || outcome.status === "quarantined" ? outcome.status : "processed",
    variant: reading.kind === "unreadable" ? null : reading.variant,
    reason: outcome.reason,
    warnings: reading.kind === "signals" ? [...reading.warnings] : [],
    signals:
      reading.kind === "signals"
        ? reading.signals.slice(0, SHOWN_SIGNALS).map((signal, index) => viewSignal(integration, signal, told[index]))
        : [],
    deliveries: await viewDeliveries(deps, database, integration.organizationId, events, now),
  };
}

function bodyOf(request: Static<typeof PreviewRequest>): Buffer {
  if ((request.payload === undefined) === (request.body === undefined)) {
    throw invalidField("payload", "is required, or `body` with the raw text; not both");
  }
  return Buffer.from(request.body ?? JSON.stringify(request.payload), "utf8");
}

function viewSignal(integration: Integration, signal: Signal, told: JsonValue | undefined): Preview["signals"][number] {
  const decided = isObject(told ?? null) ? (told as JsonObject) : {};
  const { decision, why, incident_id: incidentId } = decided;
  return {
    external_id: signal.externalId,
    dedup_key: signal.dedupKey,
    dedup_key_from: [...signal.dedupKeyFrom],
    status: signal.status,
    severity: signal.severity,
    title: signal.title,
    description: signal.description,
    labels: signal.labels,
    links: signal.links.map((link) => ({ href: link.href, text: link.text })),
    source_time: wireTime(signal.sourceTime),
    group_key: nameGroup(integration.grouping, integration.id, signal).key,
    effect: [decision, why].filter((part) => typeof part === "string").join(": "),
    // An incident that would be opened does not exist.
    incident_id: typeof incidentId === "string" && decision !== "opened" ? incidentId : null,
  };
}

async function viewDeliveries(
  deps: ApiDeps,
  database: Database,
  organizationId: string,
  events: TrialResult["events"],
  now: number,
): Promise<Preview["deliveries"]> {
  const ids = [...new Set(events.flatMap((event) => event.endpoints.map((hearing) => hearing.endpointId)))];
  const endpoints = await findEndpointsByIds(
    database,
    ids.map((id) => ({ organizationId, id })),
  );
  const secrets = await listLiveSecretsOfOwners(database, organizationId, "endpoint", ids, now);
  return events.flatMap((event) =>
    event.endpoints.map((hearing) => {
      const endpoint = endpoints.find((one) => one.id === hearing.endpointId);
      const sealed = secrets.filter((secret) => secret.ownerId === hearing.endpointId);
      const body =
        endpoint === undefined || event.payload === null || !hearing.matched
          ? null
          : renderBodyFor(endpoint, Object.keys(openEndpointSecrets(deps.vault, sealed).variables), {
              id: event.id,
              type: event.type,
              at: now,
              payload: event.payload,
            });
      return {
        endpoint_id: hearing.endpointId,
        endpoint_name: hearing.name,
        event_type: event.type,
        matched: hearing.matched,
        why: hearing.why,
        body,
      };
    }),
  );
}

function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
