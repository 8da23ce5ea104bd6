import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "@prometheus-io/client";

const LATENCY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCH_ROWS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

/** Every metric of Overwatch with its kind, labels and meaning; docs/metrics.md is tested against it. */
export const METRICS = {
  webhook_requests_total: {
    kind: "counter",
    labels: ["platform", "status"],
    about: "Inbound webhooks by platform and HTTP status",
  },
  webhook_processing_seconds: {
    kind: "histogram",
    labels: ["platform"],
    buckets: LATENCY_SECONDS,
    about: "Time from a webhook's arrival to its answer",
  },
  overwatch_receipts_total: { kind: "counter", labels: ["outcome"], about: "Receipts read by triage, by outcome" },
  overwatch_receive_batch_rows: {
    kind: "histogram",
    labels: [],
    buckets: BATCH_ROWS,
    about: "Receipts committed in one transaction",
  },
  overwatch_receive_waiting: { kind: "gauge", labels: [], about: "Webhooks on this node that wait for their commit" },
  overwatch_triage_batch_rows: {
    kind: "histogram",
    labels: [],
    buckets: BATCH_ROWS,
    about: "Receipts read in one transaction",
  },
  overwatch_triage_batch_seconds: {
    kind: "histogram",
    labels: [],
    buckets: LATENCY_SECONDS,
    about: "Duration of one triage transaction",
  },
  overwatch_triage_lag_seconds: {
    kind: "gauge",
    labels: [],
    about: "Age of the oldest receipt that triage has not read",
  },
  overwatch_triage_queue_receipts: {
    kind: "gauge",
    labels: [],
    about: "Receipts that triage has not read, counted up to 100,000",
  },
  overwatch_incident_events_total: { kind: "counter", labels: ["type"], about: "Events made, by type" },
  overwatch_deliveries_finished_total: {
    kind: "counter",
    labels: ["status"],
    about: "Deliveries that reached a final state",
  },
  overwatch_attempts_total: {
    kind: "counter",
    labels: ["reason"],
    about: "Attempts by failure reason; ok for success",
  },
  overwatch_attempt_seconds: {
    kind: "histogram",
    labels: [],
    buckets: LATENCY_SECONDS,
    about: "Duration of one attempt",
  },
  overwatch_claim_seconds: {
    kind: "histogram",
    labels: [],
    buckets: LATENCY_SECONDS,
    about: "Duration of one look for due deliveries, the claim included",
  },
  overwatch_endpoints_slowed: {
    kind: "gauge",
    labels: ["reason"],
    about: "Endpoints sent to more slowly than their settings allow, by reason",
  },
  overwatch_deliveries_waiting: {
    kind: "gauge",
    labels: ["status"],
    about: "Deliveries pending, parked and in flight, counted up to 100,000",
  },
  overwatch_delivery_lag_seconds: {
    kind: "gauge",
    labels: [],
    about: "Age of the oldest delivery that is due and not parked",
  },
  overwatch_ledger_difference: {
    kind: "gauge",
    labels: ["direction"],
    about: "Deliveries that the ledger misses or has too many, as of its last check; anything but 0 is a fault",
  },
  overwatch_failovers_total: {
    kind: "counter",
    labels: [],
    about: "Deliveries made for fallbacks of unreachable endpoints",
  },
  overwatch_circuits: { kind: "gauge", labels: ["state"], about: "Endpoints by circuit state" },
  overwatch_fenced_total: {
    kind: "counter",
    labels: ["stage"],
    about: "Late writes refused because another node had taken over",
  },
  overwatch_stage_errors_total: { kind: "counter", labels: ["stage"], about: "Unexpected errors by stage" },
  overwatch_database_connections: {
    kind: "gauge",
    labels: ["state"],
    about: "Connections of this node: open, idle, waiting",
  },
  overwatch_database_statements_total: {
    kind: "counter",
    labels: [],
    about: "Statements and transactions that this node has sent to the database",
  },
  overwatch_clock_skew_seconds: {
    kind: "gauge",
    labels: [],
    about: "How far this machine's wall clock is from the database's",
  },
} as const satisfies Record<string, MetricRow>;

type MetricRow = {
  readonly kind: "counter" | "gauge" | "histogram";
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
  readonly about: string;
};

/** The name of a metric. */
export type MetricName = keyof typeof METRICS;

/** Label values by label name; values come from closed sets only, so that the number of series is bounded. */
export type Labels = Readonly<Record<string, string>>;

/** Records figures; all names are of the table. */
export type Metrics = {
  count(name: MetricName, labels?: Labels, by?: number): void;
  observe(name: MetricName, value: number, labels?: Labels): void;
  set(name: MetricName, value: number, labels?: Labels): void;
  /** The value of a counter or gauge as it stands, 0 when never set; for health and tests. */
  read(name: MetricName, labels?: Labels): Promise<number>;
  /** Names what brings figures up to date that are only read when somebody asks; it must not fail. */
  refreshBy(refresh: () => Promise<void>): void;
  /** The Prometheus text format 0.0.4. */
  exposition(): Promise<string>;
};

/** A registry of its own with every metric of the table, and Node's own figures when asked. */
export function createMetrics(options: { readonly withProcessMetrics: boolean }): Metrics {
  const registry = new Registry();
  // Finer steps would wake an idle process a hundred times a second.
  if (options.withProcessMetrics) {
    collectDefaultMetrics({
      register: registry,
      eventLoopMonitoringPrecision: 100,
      eventLoopUtilizationTimeout: 1_000,
    });
  }
  const counters = new Map<string, Counter<string>>();
  const gauges = new Map<string, Gauge<string>>();
  const histograms = new Map<string, Histogram<string>>();
  let refresh: () => Promise<void> = () => Promise.resolve();
  for (const [name, row] of Object.entries(METRICS) as [MetricName, MetricRow][]) {
    const shared = { name, help: row.about, labelNames: [...row.labels], registers: [registry] };
    if (row.kind === "counter") counters.set(name, new Counter(shared));
    if (row.kind === "gauge") gauges.set(name, new Gauge(shared));
    if (row.kind === "histogram") {
      histograms.set(name, new Histogram({ ...shared, buckets: [...(row.buckets ?? LATENCY_SECONDS)] }));
    }
  }
  return {
    count: (name, labels = {}, by = 1) => counters.get(name)?.inc(labels, by),
    observe: (name, value, labels = {}) => histograms.get(name)?.observe(labels, value),
    set: (name, value, labels = {}) => gauges.get(name)?.set(labels, value),
    async read(name, labels = {}) {
      const metric = await (counters.get(name) ?? gauges.get(name))?.get();
      const wanted = JSON.stringify(Object.entries(labels).sort());
      const row = metric?.values.find((entry) => JSON.stringify(Object.entries(entry.labels).sort()) === wanted);
      return row?.value ?? 0;
    },
    refreshBy(next) {
      refresh = next;
    },
    async exposition() {
      await refresh();
      return registry.metrics();
    },
  };
}
