import { Type } from "typebox";
import { OverwatchError } from "../../core/errors.ts";
import { wireTime } from "../../core/incident-view.ts";
import { findIntegration } from "../../store/integrations.ts";
import { enqueueReceipts } from "../../store/receipt-queue.ts";
import {
  findReceipt,
  listReceipts,
  listReceiptsForReplay,
  RECEIPT_STATUSES,
  type ReceiptRow,
} from "../../store/receipts-read.ts";
import type { ApiDeps } from "../deps.ts";
import { answerPage, readMoment, readPage } from "../paging.ts";
import { tryReplay } from "../replay.ts";
import { type Answer, defineRoute, type Route } from "../route.ts";
import { FullReceiptView, ReceiptView, ReplayRequest, ReplayView } from "../schemas/receipts.ts";
import { oneOf, pageOf, pageParameters, strict, timeParameters, Uuid } from "../schemas/shared.ts";

const tag = "receipts";

/** `/receipts`, their raw bytes and their replay. */
export function receiptRoutes(deps: ApiDeps): readonly Route[] {
  return [list(), read(), raw(), replayOne(deps), replayMany(deps)];
}

function view(row: ReceiptRow) {
  return {
    id: row.id,
    integration_id: row.integrationId,
    platform: row.platform,
    status: row.status,
    reason: row.reason,
    alert_ids: row.alertIds,
    incident_ids: row.incidentIds,
    received_at: wireTime(row.receivedAt),
    processed_at: wireTime(row.processedAt),
    request_id: row.requestId,
    source_ip: row.sourceIp,
    delivery_id: row.deliveryId,
    verified_by: row.verifiedBy,
    body_bytes: row.bodyBytes,
  };
}

function list(): Route {
  return defineRoute("GET", "/receipts", {
    role: "viewer",
    tag,
    summary: "List receipts",
    query: strict({
      ...pageParameters,
      ...timeParameters,
      integration_id: Type.Optional(Uuid),
      status: Type.Optional(oneOf(RECEIPT_STATUSES)),
    }),
    answers: { 200: pageOf(ReceiptView) },
    handle: async ({ caller, query, database }) => {
      const page = readPage(query);
      const filter = {
        integrationId: query.integration_id ?? null,
        status: query.status ?? null,
        since: readMoment(query.since, "since"),
        until: readMoment(query.until, "until"),
      };
      const rows = await listReceipts(database, caller.organizationId, filter, {
        before: page.before,
        limit: page.limit + 1,
      });
      return { body: answerPage(query, page.limit, rows, view) };
    },
  });
}

function read(): Route {
  return defineRoute("GET", "/receipts/{id}", {
    role: "viewer",
    tag,
    summary: "Read a receipt",
    description: "Body, headers, and the trace that explains every decision.",
    answers: { 200: FullReceiptView },
    handle: async ({ caller, params, database }) => {
      const receipt = await findReceipt(database, caller.organizationId, params.id);
      if (receipt === null) throw new OverwatchError("NOT_FOUND");
      const { headers, body, trace } = receipt;
      const base64 = body.toString("base64");
      return { body: { ...view(receipt), headers, body: utf8(body), body_base64: base64, trace } };
    },
  });
}

/** The text of the bytes, or null when they are not UTF-8. */
function utf8(bytes: Buffer): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function raw(): Route {
  return defineRoute("GET", "/receipts/{id}/raw", {
    role: "viewer",
    tag,
    summary: "Download the bytes of a receipt",
    answers: { 200: null },
    handle: async ({ caller, params, database }): Promise<Answer> => {
      const receipt = await findReceipt(database, caller.organizationId, params.id);
      if (receipt === null) throw new OverwatchError("NOT_FOUND");
      return {
        body: null,
        raw: { bytes: receipt.body, contentType: "application/octet-stream" },
        headers: { "content-disposition": `attachment; filename="receipt-${receipt.id}.bin"` },
      };
    },
  });
}

function replayOne(deps: ApiDeps): Route {
  return defineRoute("POST", "/receipts/{id}/replay", {
    role: "responder",
    tag,
    summary: "Process a receipt again",
    description: "Through the present configuration; what was notified already is not notified twice.",
    body: strict({ dry_run: Type.Optional(Type.Boolean()) }),
    answers: { 200: ReplayView, 202: ReplayView },
    handle: async ({ caller, params, body, database, afterCommit }) => {
      const receipt = await findReceipt(database, caller.organizationId, params.id);
      if (receipt === null) throw new OverwatchError("NOT_FOUND");
      if (body.dry_run) return { body: await tryReplay(deps, database, caller.organizationId, [receipt], false) };
      const { organizationId } = caller;
      await enqueueReceipts(database, [
        { organizationId, receiptId: receipt.id, integrationId: receipt.integrationId },
      ]);
      afterCommit(deps.wakeTriage);
      return { status: 202, body: { dry_run: false, receipts: 1, has_more: false, queued: 1, changes: null } };
    },
  });
}

const DEFAULT_REPLAY = 500;

function replayMany(deps: ApiDeps): Route {
  return defineRoute("POST", "/receipts/replay", {
    role: "responder",
    tag,
    summary: "Process a range of receipts again",
    description: "Oldest first. Begin with `dry_run`: it shows what would change and writes nothing.",
    body: ReplayRequest,
    answers: { 200: ReplayView, 202: ReplayView },
    handle: async ({ caller, body, database, afterCommit }) => {
      const { organizationId } = caller;
      if (body.integration_id !== undefined) {
        const integration = await findIntegration(database, organizationId, body.integration_id);
        if (integration === null) throw new OverwatchError("NOT_FOUND");
      }
      const limit = body.limit ?? DEFAULT_REPLAY;
      const range = {
        integrationId: body.integration_id ?? null,
        status: body.status ?? null,
        since: readMoment(body.since, "since") ?? 0,
        until: readMoment(body.until, "until") ?? deps.clock.now() + 1,
      };
      const found = await listReceiptsForReplay(database, organizationId, range, limit + 1);
      const chosen = found.slice(0, limit);
      const hasMore = found.length > limit;
      if (body.dry_run) return { body: await tryReplay(deps, database, organizationId, chosen, hasMore) };
      await enqueueReceipts(
        database,
        chosen.map((receipt) => ({ organizationId, receiptId: receipt.id, integrationId: receipt.integrationId })),
      );
      if (chosen.length > 0) afterCommit(deps.wakeTriage);
      const counts = { receipts: chosen.length, has_more: hasMore, queued: chosen.length };
      return { status: 202, body: { dry_run: false, ...counts, changes: null } };
    },
  });
}
