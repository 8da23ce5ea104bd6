import { custom } from "./custom/custom.ts";
import { datadog } from "./datadog/datadog.ts";
import { elasticsearch } from "./elasticsearch/elasticsearch.ts";
import { grafana } from "./grafana/grafana.ts";
import { newrelic } from "./newrelic/newrelic.ts";
import { pagerduty } from "./pagerduty/pagerduty.ts";
import type { Platform } from "./platform.ts";
import { prometheus } from "./prometheus/prometheus.ts";
import { signoz } from "./signoz/signoz.ts";

/** Every platform, in the order of `PLATFORM_NAMES`. */
export const platforms: readonly Platform[] = [
  datadog,
  newrelic,
  pagerduty,
  grafana,
  elasticsearch,
  signoz,
  prometheus,
  custom,
];

/** The platform of that name as it stands in webhook URLs, or null. */
export function findPlatform(name: string): Platform | null {
  return platforms.find((platform) => platform.name === name) ?? null;
}
