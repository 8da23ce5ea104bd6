import type { FullReceiptWire } from "../../../../server/src/api/contract.ts";

/** How a receipt was read. */
export type TracedReading = {
  readonly kind: string;
  readonly variant: string | null;
  readonly reason: string | null;
  readonly message: string | null;
  readonly path: string | null;
  readonly warnings: readonly string[];
};

/** One signal of a receipt and what was decided about it. */
export type TracedSignal = {
  readonly dedupKey: string;
  readonly dedupKeyFrom: readonly string[];
  readonly status: string;
  readonly severity: string;
  readonly decision: string;
  readonly why: string;
  readonly incidentId: string | null;
  readonly incidentNumber: number | null;
  readonly nearestOpenKeys: readonly string[];
};

/** One event that came of a receipt and which endpoints heard it. */
export type TracedEvent = {
  readonly id: string;
  readonly type: string;
  readonly endpoints: readonly {
    readonly id: string;
    readonly name: string;
    readonly isMatched: boolean;
    readonly why: string;
  }[];
};

/** The trace of a receipt as pages show it. */
export type ReadTrace = {
  readonly reading: TracedReading | null;
  readonly failed: string | null;
  readonly signals: readonly TracedSignal[];
  readonly signalsLeftOut: number;
  readonly events: readonly TracedEvent[];
};

type Fields = Readonly<Record<string, unknown>>;

/** Reads a trace; what an older version wrote otherwise is left out. */
export function readTrace(trace: FullReceiptWire["trace"]): ReadTrace {
  const all: Fields = trace ?? {};
  const read = fieldsOf(all.read);
  const failed = fieldsOf(all.failed);
  return {
    reading:
      read === null
        ? null
        : {
            kind: textOf(read.kind) ?? "",
            variant: textOf(read.variant),
            reason: textOf(read.reason),
            message: textOf(read.message),
            path: textOf(read.path),
            warnings: textsOf(read.warnings),
          },
    failed: failed === null ? null : textOf(failed.message),
    signals: listOf(all.signals).map((signal) => ({
      dedupKey: textOf(signal.dedup_key) ?? "",
      dedupKeyFrom: textsOf(signal.dedup_key_from),
      status: textOf(signal.status) ?? "",
      severity: textOf(signal.severity) ?? "",
      decision: textOf(signal.decision) ?? "",
      why: textOf(signal.why) ?? "",
      incidentId: textOf(signal.incident_id),
      incidentNumber: typeof signal.incident_number === "number" ? signal.incident_number : null,
      nearestOpenKeys: textsOf(signal.nearest_open_keys),
    })),
    signalsLeftOut: typeof all.signals_left_out === "number" ? all.signals_left_out : 0,
    events: listOf(all.events).map((event) => ({
      id: textOf(event.id) ?? "",
      type: textOf(event.type) ?? "",
      endpoints: listOf(event.endpoints).map((endpoint) => ({
        id: textOf(endpoint.endpoint_id) ?? "",
        name: textOf(endpoint.name) ?? "",
        isMatched: endpoint.matched === true,
        why: textOf(endpoint.why) ?? "",
      })),
    })),
  };
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf).filter((entry) => entry !== null) : [];
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];
}
