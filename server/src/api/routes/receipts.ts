import { Type } from "typebox";
import { OverwatchError } from "../../core/errors.ts";
import { wireTime } from "../../core/incident-view.ts";
import { findIntegration } from "../../store/integrations.ts";
import { enqueueReceipts } from "../../store/receipt-queue.ts";
import { readReceiptTitles } from "../../store/receipt-titles.ts";
import {
  type FullReceipt,
  findReceipt,
  listReceiptsForReplay,
  RECEIPT_STATUSES,
  type ReceiptRow,
} from "../../store/receipts-read.ts";
import { findPrevious, searchReceipts } from "../../store/receipts-search.ts";
import type { ApiDeps } from "../deps.ts";
import { answerPlace, readMoment, readPage } from "../paging.ts";
import { viewLifecycle } from "../receipt-lifecycle.ts";
import { resendEdited } from "../receipt-resend.ts";
import { tryReplay } from "../replay.ts";
import { type Answer, defineRoute, type Route } from "../route.ts";
import {
  FullReceiptView,
  PreviousReceiptView,
  ReceiptView,
  ReplayRequest,
  ReplayView,
  ResendRequest,
  ResendView,
} from "../schemas/receipts.ts";
import { oneOf, pageOf, pageParameters, several, strict, text, timeParameters, Uuid } from "../schemas/shared.ts";

const tag = "receipts";

/** `/receipts`, their raw bytes and their replay. */
export function receiptRoutes(deps: ApiDeps): readonly Route[] {
  return [list(), read(), previous(), raw(), resend(deps), replayOne(deps), replayMany(deps)];
}

function view(row: ReceiptRow, titles: ReadonlyMap<string, string>) {
  return {
    id: row.id,
    integration_id: row.integrationId,
    platform: row.platform,
    status: row.status,
    reason: row.reason,
    title: titles.get(row.id) ?? null,
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
    description: "`title` is that of the first alert that a receipt speaks of, as the alert stands now.",
    query: strict({
      ...pageParameters,
      ...timeParameters,
      integration_id: Type.Optional(Uuid),
      status: several(oneOf(RECEIPT_STATUSES)),
      q: Type.Optional(
        text(200, "A request id, an alert's id, the sender's delivery id, a source address, or a receipt's id"),
      ),
    }),
    answers: { 200: pageOf(ReceiptView) },
    handle: async ({ caller, query, database }) => {
      const page = readPage(query);
      const search = {
        integrationId: query.integration_id ?? null,
        statuses: query.status ?? null,
        since: readMoment(query.since, "since"),
        until: readMoment(query.until, "until"),
        q: query.q ?? null,
      };
      const { rows, next } = await searchReceipts(database, caller.organizationId, search, page);
      const ids = rows.map(({ id }) => id);
      const titles = await readReceiptTitles(database, caller.organizationId, ids);
      const views = rows.map((row) => view(row, titles));
      return { body: answerPlace(query, next === null ? null : { id: next, key: 0 }, views) };
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
      const lifecycle = await viewLifecycle(database, caller.organizationId, receipt);
      const titles = await readReceiptTitles(database, caller.organizationId, [receipt.id]);
      return { body: { ...viewFull(receipt, titles), lifecycle } };
    },
  });
}

function viewFull(receipt: FullReceipt, titles: ReadonlyMap<string, string>) {
  const { headers, body, trace } = receipt;
  return { ...view(receipt, titles), headers, body: utf8(body), body_base64: body.toString("base64"), trace };
}

function previous(): Route {
  return defineRoute("GET", "/receipts/{id}/previous", {
    role: "viewer",
    tag,
    summary: "Read the receipt before this one",
    description:
      "Of the same integration and, among the 200 before it, of the same alert; else the one just before. To compare them.",
    answers: { 200: PreviousReceiptView },
    handle: async ({ caller, params, database }) => {
      const { organizationId } = caller;
      const receipt = await findReceipt(database, organizationId, params.id);
      if (receipt === null) throw new OverwatchError("NOT_FOUND");
      const found = await findPrevious(database, organizationId, receipt);
      const before = found === null ? null : await findReceipt(database, organizationId, found.id);
      const match = found === null ? null : found.isSameAlert ? "alert" : "integration";
      if (before === null) return { body: { match: null, receipt: null } };
      const titles = await readReceiptTitles(database, organizationId, [before.id]);
      return { body: { match, receipt: viewFull(before, titles) } };
    },
  });
}

function resend(deps: ApiDeps): Route {
  return defineRoute("POST", "/receipts/{id}/resend", {
    role: "responder",
    tag,
    summary: "Send an edited copy",
    description:
      "Makes a receipt of its own that says who edited it and names its original; triage reads it like any other, the " +
      "figures of the integration leave it out.",
    body: ResendRequest,
    answers: { 202: ResendView },
    handle: async ({ caller, params, body, database, requestId, source, afterCommit }) => {
      const receipt = await findReceipt(database, caller.organizationId, params.id);
      if (receipt === null) throw new OverwatchError("NOT_FOUND");
      const by = { caller, requestId, address: source.address };
      const id = await resendEdited(deps, database, receipt, body, by);
      afterCommit(deps.wakeTriage);
      return { status: 202, body: { receipt_id: id, edited_from: receipt.id } };
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
