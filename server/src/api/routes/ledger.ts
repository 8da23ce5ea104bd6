import type { Static } from "typebox";
import { OverwatchError } from "../../core/errors.ts";
import { wireTime } from "../../core/incident-view.ts";
import { type EndpointLedgerRow, listLedgers, readLedger } from "../../store/ledger-read.ts";
import type { ApiDeps } from "../deps.ts";
import { defineRoute, type Route } from "../route.ts";
import { EndpointLedgerView, WholeLedgerView } from "../schemas/ledger.ts";

const EQUATION =
  "matched = succeeded + pending + in_flight + parked + exhausted + cancelled. `matched` is counted apart from the " +
  "deliveries; all figures are of one moment, `as_of`: now, or above a hundred thousand deliveries (of one " +
  "endpoint ten thousand) when they were counted last. `checked_at` is when the periodic check last had looked at all of it.";

/** `/ledger` and `/endpoints/{id}/ledger`. */
export function ledgerRoutes(deps: Pick<ApiDeps, "clock">): readonly Route[] {
  return [whole(deps), ofEndpoint(deps)];
}

function whole({ clock }: Pick<ApiDeps, "clock">): Route {
  return defineRoute("GET", "/ledger", {
    role: "viewer",
    tag: "ledger",
    summary: "Read the ledger of all endpoints",
    description: EQUATION,
    answers: { 200: WholeLedgerView },
    handle: async ({ caller, database }) => {
      const endpoints = (await listLedgers(database, caller.organizationId, clock.now())).map(view);
      return { body: { ...totalOf(endpoints, clock.now()), endpoints } };
    },
  });
}

function ofEndpoint({ clock }: Pick<ApiDeps, "clock">): Route {
  return defineRoute("GET", "/endpoints/{id}/ledger", {
    role: "viewer",
    tag: "ledger",
    summary: "Read the ledger of an endpoint",
    description: EQUATION,
    answers: { 200: EndpointLedgerView },
    handle: async ({ caller, params, database }) => {
      const row = await readLedger(database, caller.organizationId, params.id, clock.now());
      if (row === null) throw new OverwatchError("NOT_FOUND");
      return { body: view(row) };
    },
  });
}

type Wire = Static<typeof EndpointLedgerView>;

function view(row: EndpointLedgerRow): Wire {
  const { matched, succeeded, pending, inFlight, parked, exhausted, cancelled } = row;
  const difference = succeeded + pending + inFlight + parked + exhausted + cancelled - matched;
  return {
    endpoint_id: row.endpointId,
    name: row.name,
    matched,
    succeeded,
    pending,
    in_flight: inFlight,
    parked,
    exhausted,
    cancelled,
    difference,
    balanced: difference === 0,
    as_of: wireTime(row.asOf),
    checked_at: wireTime(row.checkedAt),
  };
}

function totalOf(ledgers: readonly Wire[], now: number): Omit<Wire, "endpoint_id" | "name"> {
  const sum = (pick: (ledger: Wire) => number): number => ledgers.reduce((total, ledger) => total + pick(ledger), 0);
  const checked = ledgers.map((ledger) => ledger.checked_at);
  return {
    matched: sum((ledger) => ledger.matched),
    succeeded: sum((ledger) => ledger.succeeded),
    pending: sum((ledger) => ledger.pending),
    in_flight: sum((ledger) => ledger.in_flight),
    parked: sum((ledger) => ledger.parked),
    exhausted: sum((ledger) => ledger.exhausted),
    cancelled: sum((ledger) => ledger.cancelled),
    difference: sum((ledger) => ledger.difference),
    // One too many here does not make up for one that is missing there.
    balanced: ledgers.every((ledger) => ledger.balanced),
    as_of: ledgers.map((ledger) => ledger.as_of).toSorted()[0] ?? wireTime(now),
    checked_at: checked.includes(null) ? null : (checked.toSorted()[0] ?? null),
  };
}
