import { expect, it } from "vitest";
import type { IntegrationWire } from "../../../../server/src/api/contract.ts";
import { settingsOf, settingsPatch } from "./settings-draft.ts";

const integration: IntegrationWire = {
  id: "01a2147f-95c5-7000-8a58-20137f295364",
  name: "Payments",
  platform: "custom",
  enabled: true,
  webhook_url: "http://localhost:8000/api/v1/webhooks/custom/1",
  verification: {
    type: "hmac",
    header: "X-Sig",
    prefix: "",
    algorithm: "sha512",
    encoding: "hex",
    tolerance_seconds: 60,
  },
  secrets: [],
  allowed_ips: ["10.0.0.0/8"],
  rate_limit: { requests: 5, per_seconds: 10 },
  body_limit_bytes: 1_048_576,
  quarantine_limit: 10_000,
  mapping: null,
  grouping: { by: ["dedup_key"], window_seconds: 60 },
  auto_resolve: true,
  reopen_seconds: 300,
  stale_after_seconds: null,
  silent_after_seconds: 3_600,
  flapping_changes: 6,
  flapping_window_seconds: 600,
  webhook_config: null,
  last_receipt_at: null,
  created_at: "2026-11-25T10:00:00.000Z",
  updated_at: "2026-11-25T10:00:00.000Z",
};

it("changes nothing where nothing was edited", () => {
  expect(settingsPatch(integration, settingsOf(integration))).toEqual({});
});

it("sends what was edited and keeps what the form does not show", () => {
  const before = settingsOf(integration);
  const draft = {
    ...before,
    name: " Payments EU ",
    verification: { ...before.verification, header: "X-Other" },
    allowedIps: "10.0.0.0/8\n 192.0.2.7 ,\n",
    rateRequests: "",
    rateSeconds: "",
    silent: "",
    groupBy: "service\nregion",
  };
  expect(settingsPatch(integration, draft)).toEqual({
    name: "Payments EU",
    verification: {
      type: "hmac",
      header: "X-Other",
      prefix: "",
      algorithm: "sha512",
      encoding: "hex",
      tolerance_seconds: 60,
    },
    allowed_ips: ["10.0.0.0/8", "192.0.2.7"],
    rate_limit: null,
    silent_after_seconds: null,
    grouping: { by: ["service", "region"], window_seconds: 60, scope: "integration" },
  });
});
