import {
  type BucketCounts,
  byReason,
  hourSeries,
  latencyOf,
  type MeasuredCount,
  shareOf,
  sumOf,
  totalOf,
} from "../core/activity-series.ts";
import { wireTime } from "../core/incident-view.ts";
import { type EndpointFailure, HOUR_SECONDS } from "../store/activity.ts";
import type { EndpointActivityView, IntegrationActivityView, PERIODS } from "./schemas/activity.ts";

const HOUR_MS = 3_600_000;

/** The span that a query asks for: the present hour and those before it. */
export function spanOf(
  period: (typeof PERIODS)[number] | undefined,
  now: number,
): { readonly since: number; readonly now: number } {
  const hours = period === "7d" ? 168 : 24;
  return { since: Math.floor(now / HOUR_MS) * HOUR_MS - (hours - 1) * HOUR_MS, now };
}

const isRefused = (measure: string): boolean => measure.startsWith("refused:");
const isFailed = (measure: string): boolean => measure.startsWith("attempt:") && measure !== "attempt:ok";

/** What came to an integration. */
export function viewIntegrationActivity(
  integrationId: string,
  rows: readonly MeasuredCount[],
  span: { readonly since: number; readonly now: number },
): IntegrationActivityView {
  const series = hourSeries(rows, span.since, span.now);
  const total = totalOf(series);
  const figures = ({ counts }: Pick<BucketCounts, "counts">) => ({
    accepted: counts.get("accepted") ?? 0,
    refused: sumOf(counts, isRefused),
    quarantined: counts.get("read:quarantined") ?? 0,
    signals: counts.get("signals") ?? 0,
  });
  const all = figures({ counts: total });
  return {
    integration_id: integrationId,
    since: wireTime(span.since),
    bucket_seconds: HOUR_SECONDS,
    buckets: series.map((bucket) => ({ at: wireTime(bucket.at), ...figures(bucket) })),
    ...all,
    refused_by: [...byReason(total, "refused:")],
    ignored: total.get("read:ignored") ?? 0,
    duplicate: total.get("read:duplicate") ?? 0,
    accept_rate: shareOf(all.accepted, all.accepted + all.refused),
  };
}

/** What was sent to an endpoint. */
export function viewEndpointActivity(
  endpointId: string,
  rows: readonly MeasuredCount[],
  lastFailure: EndpointFailure | null,
  span: { readonly since: number; readonly now: number },
): EndpointActivityView {
  const series = hourSeries(rows, span.since, span.now);
  const total = totalOf(series);
  const ok = total.get("attempt:ok") ?? 0;
  const failed = sumOf(total, isFailed);
  return {
    endpoint_id: endpointId,
    since: wireTime(span.since),
    bucket_seconds: HOUR_SECONDS,
    buckets: series.map(({ at, counts }) => ({
      at: wireTime(at),
      attempts_ok: counts.get("attempt:ok") ?? 0,
      attempts_failed: sumOf(counts, isFailed),
      p95_ms: latencyOf(counts, 0.95),
    })),
    attempts_ok: ok,
    attempts_failed: failed,
    failed_by: byReason(total, "attempt:").filter(({ reason }) => reason !== "ok"),
    success_rate: shareOf(ok, ok + failed),
    deliveries_succeeded: total.get("delivery:succeeded") ?? 0,
    deliveries_exhausted: total.get("delivery:exhausted") ?? 0,
    p50_ms: latencyOf(total, 0.5),
    p95_ms: latencyOf(total, 0.95),
    last_failure:
      lastFailure === null
        ? null
        : {
            at: wireTime(lastFailure.at),
            reason: lastFailure.reason,
            status_code: lastFailure.statusCode,
            message: lastFailure.message,
            delivery_id: lastFailure.deliveryId,
          },
  };
}
