import { describe, expect, test } from "vitest";
import { isWebhookTarget, platformLabel, readRoute } from "./route.ts";

const ID = "01980000-0000-7000-8000-00000000000a";

describe("a webhook's target", () => {
  test("has one spelling", () => {
    expect(readRoute(`/api/v1/webhooks/datadog/${ID}`)).toEqual({ platform: "datadog", integrationId: ID });
    expect(readRoute(`/api/v1/webhooks/datadog/${ID}?source=eu`)).toEqual({ platform: "datadog", integrationId: ID });
  });

  test.each([
    `/api/v1/webhooks/datadog/${ID}/`,
    `/api/v1/webhooks/datadog//${ID}`,
    `/api/v1/webhooks//datadog/${ID}`,
    `/api/v1/webhooks/datadog/${ID.toUpperCase()}`,
    `/api/v1/webhooks/Datadog/${ID}`,
    `/api/v1/webhooks/%64atadog/${ID}`,
    `/api/v1/webhooks/datadog%2f${ID}`,
    `/api/v1/webhooks/datadog/${ID};x=1`,
    `/api/v1/webhooks/datadog/../datadog/${ID}`,
    `/api/v1/webhooks/datadog/%2e%2e/${ID}`,
    `/api/v1/webhooks/datadogs/${ID}`,
    `/api/v1/webhooks/opsgenie/${ID}`,
    `/api/v1/webhooks/datadog/${ID}0`,
    `/api/v1/webhooks/datadog/${ID}\n`,
    "/api/v1/webhooks/datadog/",
    "/api/v1/webhooks/datadog",
    "/api/v1/webhooks/x",
  ])("is nobody's when it reads %j (D10)", (target) => {
    expect(readRoute(target)).toBeNull();
    expect(isWebhookTarget(target)).toBe(true);
  });

  test("is not what the health page or another path has", () => {
    for (const target of [
      "/api/v1/webhooks/health",
      "/api/v1/webhooks/health?x",
      "/api/v1/webhooks/",
      "/api/v1/webhooks",
      "/healthz",
    ]) {
      expect(isWebhookTarget(target)).toBe(false);
    }
  });

  test("gives metrics one of nine labels", () => {
    expect(platformLabel(`/api/v1/webhooks/signoz/${ID}`)).toBe("signoz");
    expect(platformLabel("/api/v1/webhooks/signozz/x")).toBe("unknown");
    expect(platformLabel("/api/v1/webhooks/anything")).toBe("unknown");
  });
});
