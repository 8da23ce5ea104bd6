/** Where the alerts of the pictures come from. */
export const SOURCES = [
  { name: "Prometheus production", platform: "prometheus" },
  { name: "Datadog", platform: "datadog" },
  { name: "Grafana shop", platform: "grafana" },
  { name: "Synthetic checks", platform: "custom" },
] as const;

/** One alert of the pictures, and what people have made of its incident. */
export type DemoAlert = {
  readonly source: (typeof SOURCES)[number]["name"];
  readonly severity: "critical" | "high" | "medium" | "low" | "info";
  readonly title: string;
  readonly text: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly becomes?: "acknowledged" | "resolved";
  readonly assignee?: string;
};

const shop = { team: "shop", region: "eu-1" };
const platform = { team: "platform", region: "eu-1" };

/** A night of a web shop, oldest first. */
export const ALERTS: readonly DemoAlert[] = [
  {
    source: "Datadog",
    severity: "info",
    title: "Deploy of basket 4.71 took longer than usual",
    text: "14 minutes instead of 5.",
    labels: { ...shop, service: "basket" },
    becomes: "resolved",
  },
  {
    source: "Prometheus production",
    severity: "low",
    title: "Disk of build-7 is 81% full",
    text: "/var grows by 2% a day.",
    labels: { ...platform, host: "build-7" },
  },
  {
    source: "Grafana shop",
    severity: "medium",
    title: "Certificate of shop.example.com ends in 6 days",
    text: "The renewal of last night failed.",
    labels: { ...platform, host: "edge-2" },
    becomes: "acknowledged",
    assignee: "Rui Costa",
  },
  {
    source: "Prometheus production",
    severity: "medium",
    title: "Backup of db-2 was skipped",
    text: "The last one is 26 hours old.",
    labels: { ...platform, host: "db-2" },
  },
  {
    source: "Datadog",
    severity: "high",
    title: "Queue of invoices grows",
    text: "12,400 wait, 300 is usual.",
    labels: { team: "billing", region: "eu-1" },
    becomes: "acknowledged",
    assignee: "Billing",
  },
  {
    source: "Synthetic checks",
    severity: "high",
    title: "Sign-in from Lisbon takes 9 s",
    text: "Four of five tries were slower than 5 s.",
    labels: { ...shop, city: "lisbon" },
    becomes: "resolved",
  },
  {
    source: "Grafana shop",
    severity: "low",
    title: "Cache of product pictures is cold",
    text: "Hit rate 41%.",
    labels: { ...shop, service: "pictures" },
  },
  {
    source: "Datadog",
    severity: "medium",
    title: "Memory of recommender-3 is above 90%",
    text: "It has been for 15 minutes.",
    labels: { ...shop, host: "recommender-3" },
  },
  {
    source: "Prometheus production",
    severity: "high",
    title: "Replica db-3 is 4 minutes behind",
    text: "Reads of the shop are sent to db-2.",
    labels: { ...platform, host: "db-3" },
    assignee: "Rui Costa",
  },
  {
    source: "Grafana shop",
    severity: "high",
    title: "Latency of the search API is above 2 s",
    text: "p95 2.4 s for 10 minutes.",
    labels: { ...shop, service: "search" },
  },
  {
    source: "Synthetic checks",
    severity: "medium",
    title: "Newsletter form answers 422",
    text: "Since the deploy of 02:10.",
    labels: { ...shop, service: "newsletter" },
  },
  {
    source: "Prometheus production",
    severity: "critical",
    title: "Primary database does not accept writes",
    text: "db-1 is read-only since 03:02; the disk of its log is full.",
    labels: { ...platform, host: "db-1", service: "postgres" },
  },
  {
    source: "Datadog",
    severity: "critical",
    title: "Checkout fails for every third customer",
    text: "34% of POST /checkout answer 500.",
    labels: { ...shop, service: "checkout" },
  },
];
