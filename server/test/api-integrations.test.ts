import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLATFORM_NAMES } from "../src/platforms/platform.ts";
import { type ApiKit, createApiKit } from "./support/api-kit.ts";

let kit: ApiKit;
beforeAll(async () => {
  kit = await createApiKit();
});
afterAll(() => kit.close());

const create = (body: object) => kit.ask({ method: "POST", path: "/integrations", body });
const patch = (id: string, body: object, headers = {}) =>
  kit.ask({ method: "PATCH", path: `/integrations/${id}`, body, headers });

const documented = {
  url: "https://external-system.com/api/notifications",
  method: "POST",
  headers: { Authorization: "Bearer {{api_token}}", "Content-Type": "application/json" },
  events: ["incident.created", "incident.resolved"],
  template: {
    incident_id: "{{incident.id}}",
    title: "{{incident.title}}",
    severity: "{{incident.severity}}",
    status: "{{incident.status}}",
  },
};

describe("creating an integration", () => {
  it("answers its webhook URL and a secret that no later answer shows", async () => {
    const made = await create({ name: "DD", platform: "datadog" });
    expect(made.status).toBe(201);
    expect(made.str("webhook_url")).toBe(`https://overwatch.example/api/v1/webhooks/datadog/${made.str("id")}`);
    expect(made.str("signing_secret").length).toBeGreaterThanOrEqual(16);
    const read = await kit.ask({ path: `/integrations/${made.str("id")}` });
    expect(read.status).toBe(200);
    expect(read.text).not.toContain(made.str("signing_secret"));
    expect(read.at("signing_secret")).toBeUndefined();
    expect(read.at("secrets")).toMatchObject([{ purpose: "signing_secret", is_previous: false, expires_at: null }]);
  });

  it("takes the documented outgoing webhook as it is and echoes it", async () => {
    const made = await create({ name: "DD", platform: "datadog", webhook_config: documented });
    expect(made.status).toBe(201);
    expect(made.at("webhook_config")).toMatchObject(documented);
    expect(made.str("webhook_config.secret")).toMatch(/^whsec_/);
    expect(made.at("webhook_config.integration_id")).toBe(made.str("id"));
  });

  it("keeps a given secret of 16 characters and refuses a shorter one", async () => {
    const made = await create({ name: "a", platform: "custom", signing_secret: "0123456789abcdef" });
    expect(made.at("signing_secret")).toBe("0123456789abcdef");
    const refused = await create({ name: "a", platform: "custom", signing_secret: "0123456789abcde" });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({
      error: { code: "VALIDATION_FAILED", details: { fields: [{ path: "signing_secret" }] } },
    });
  });

  it("names every wrong field, unknown ones too", async () => {
    const refused = await create({ platform: "nagios", organization_id: kit.foreign.id, enabled: "yes" });
    expect(refused.status).toBe(422);
    const paths = (refused.at("error.details.fields") as { path: string }[]).map((field) => field.path).sort();
    expect(paths).toEqual(["enabled", "name", "organization_id", "platform"]);
  });

  it.each([
    [
      { type: "token", token: "token-of-the-sender" },
      { type: "token", header: "Authorization", prefix: "Bearer " },
      "token",
    ],
    [{ type: "token", header: "X-Key", token: "token-of-the-sender" }, { header: "X-Key", prefix: "" }, "token"],
    [{ type: "basic", username: "dd", password: "pass-word-1" }, { type: "basic", username: "dd" }, "password"],
    [
      { type: "hmac", header: "X-Mac" },
      { type: "hmac", prefix: "", algorithm: "sha256", encoding: "hex" },
      "signing_secret",
    ],
    [{ type: "standard_webhooks" }, { type: "standard_webhooks" }, "signing_secret"],
  ])("keeps the secret of verification %j apart", async (verification, shown, purpose) => {
    const made = await create({ name: "v", platform: "custom", verification });
    expect(made.status).toBe(201);
    expect(made.at("verification")).toMatchObject(shown);
    expect(made.at("secrets")).toMatchObject([{ purpose }]);
    const secret = made.str(purpose);
    const read = await kit.ask({ path: `/integrations/${made.str("id")}` });
    expect(read.text).not.toContain(secret);
  });

  it("verifies nothing only when that is asked for by name", async () => {
    const made = await create({ name: "open", platform: "custom", verification: { type: "none" } });
    expect(made.at("verification")).toEqual({ type: "none" });
    expect(made.at("secrets")).toEqual([]);
    expect((await create({ name: "x", platform: "custom", verification: {} })).status).toBe(422);
    expect((await create({ name: "x", platform: "custom", verification: { type: "nothing" } })).status).toBe(422);
  });

  it("refuses a CIDR, a mapping and an outgoing webhook that cannot work, each with its place", async () => {
    const cidr = await create({ name: "x", platform: "custom", allowed_ips: ["10.0.0.0/8", "10.0.0.0/40"] });
    expect(cidr.body).toMatchObject({ error: { details: { fields: [{ path: "allowed_ips[1]" }] } } });
    const mapping = await create({ name: "x", platform: "custom", mapping: { titel: "item.a" } });
    expect(mapping.body).toMatchObject({ error: { details: { fields: [{ path: "mapping.titel" }] } } });
    const bad = { ...documented, template: { a: "{{ incident.titel }}" } };
    const template = await create({ name: "x", platform: "custom", webhook_config: bad });
    expect(template.status).toBe(422);
    expect(template.body).toMatchObject({
      error: { details: { fields: [{ path: "webhook_config.template.a", position: expect.any(Number) }] } },
    });
    const inside = await create({
      name: "x",
      platform: "custom",
      webhook_config: { url: "https://internal.example/x" },
    });
    expect(inside.status).toBe(422);
    expect(inside.body).toMatchObject({ error: { code: "ADDRESS_NOT_ALLOWED" } });
  });
});

describe("changing an integration", () => {
  it("changes what is named, keeps the rest and raises the ETag", async () => {
    const made = await create({ name: "a", platform: "grafana", reopen_seconds: 60 });
    const changed = await patch(made.str("id"), { name: "b", auto_resolve: false, stale_after_seconds: 3600 });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      name: "b",
      reopen_seconds: 60,
      auto_resolve: false,
      stale_after_seconds: 3600,
    });
    expect(changed.headers.etag).not.toBe(made.headers.etag);
  });

  it("refuses a change of what somebody else has changed meanwhile", async () => {
    const made = await create({ name: "a", platform: "grafana" });
    const seen = { "if-match": made.headers.etag ?? "" };
    expect((await patch(made.str("id"), { name: "b" }, seen)).status).toBe(200);
    const late = await patch(made.str("id"), { name: "c" }, seen);
    expect(late.status).toBe(412);
    expect(late.at("error.code")).toBe("PRECONDITION_FAILED");
  });

  it("makes the secret that a new way of verifying needs and shows it once", async () => {
    const made = await create({ name: "a", platform: "datadog", verification: { type: "none" } });
    const changed = await patch(made.str("id"), { verification: { type: "signature" } });
    expect(changed.str("signing_secret").length).toBeGreaterThanOrEqual(16);
    const token = await patch(made.str("id"), { verification: { type: "token", token: "a-token-of-mine" } });
    expect(token.at("token")).toBe("a-token-of-mine");
    expect((await kit.ask({ path: `/integrations/${made.str("id")}` })).text).not.toContain("a-token-of-mine");
  });

  it("adds, changes and removes its outgoing webhook", async () => {
    const made = await create({ name: "a", platform: "datadog" });
    const id = made.str("id");
    const added = await patch(id, { webhook_config: { ...documented, variables: { api_token: "t0ken-value" } } });
    expect(added.at("webhook_config.variable_names")).toEqual(["api_token"]);
    expect(added.str("webhook_config.secret")).toMatch(/^whsec_/);
    const changed = await patch(id, { webhook_config: { filter: "incident.severity == 'critical'" } });
    expect(changed.at("webhook_config.filter")).toBe("incident.severity == 'critical'");
    expect(changed.at("webhook_config.variable_names")).toEqual(["api_token"]);
    const endpointId = changed.str("webhook_config.id");
    expect((await patch(id, { webhook_config: null })).at("webhook_config")).toBeNull();
    expect((await kit.ask({ path: `/endpoints/${endpointId}` })).status).toBe(404);
  });
});

describe("rotating a secret", () => {
  it("lets the old one live for the overlap and shows when each was last used", async () => {
    const made = await create({ name: "a", platform: "datadog" });
    const path = `/integrations/${made.str("id")}`;
    const rotated = await kit.ask({ method: "POST", path: `${path}/rotate-secret`, body: { overlap_seconds: 60 } });
    expect(rotated.str("signing_secret")).not.toBe(made.str("signing_secret"));
    expect(rotated.at("secrets")).toMatchObject([
      { is_previous: false, expires_at: null, last_used_at: null },
      { is_previous: true, expires_at: "2026-11-23T12:01:00.000Z", last_used_at: null },
    ]);
    kit.clock.advance(61_000);
    expect((await kit.ask({ path })).at("secrets")).toHaveLength(1);
  });

  it("never leaves more than two secrets valid", async () => {
    const made = await create({ name: "a", platform: "datadog" });
    const path = `/integrations/${made.str("id")}/rotate-secret`;
    await kit.ask({ method: "POST", path, body: {} });
    expect((await kit.ask({ method: "POST", path, body: {} })).at("secrets")).toHaveLength(2);
  });

  it("is refused where there is nothing to rotate", async () => {
    const made = await create({ name: "a", platform: "custom", verification: { type: "none" } });
    const path = `/integrations/${made.str("id")}/rotate-secret`;
    expect((await kit.ask({ method: "POST", path, body: {} })).at("error.code")).toBe("CONFLICT");
  });
});

describe("deleting an integration", () => {
  it("takes it and its outgoing webhook from every answer, at once", async () => {
    const made = await create({ name: "gone", platform: "datadog", webhook_config: documented });
    const path = `/integrations/${made.str("id")}`;
    expect((await kit.ask({ method: "DELETE", path })).status).toBe(204);
    expect((await kit.ask({ path })).status).toBe(404);
    expect((await kit.ask({ method: "DELETE", path })).status).toBe(404);
    expect((await kit.ask({ path: "/integrations?limit=200" })).text).not.toContain(made.str("id"));
    expect((await kit.ask({ path: `/endpoints/${made.str("webhook_config.id")}` })).status).toBe(404);
    expect(kit.changed).toContainEqual({ kind: "integration", id: made.str("id") });
  });
});

describe("a test send", () => {
  it.each(PLATFORM_NAMES)("of %s is verified, stored, read and opens an incident", async (platform) => {
    const made = await create({ name: platform, platform });
    const sent = await kit.ask({ method: "POST", path: `/integrations/${made.str("id")}/test` });
    expect(sent.body).toMatchObject({ status_code: 200, answer: { data: { processing_status: "queued" } } });
    await kit.triage.runOnce();
    const receipt = await kit.ask({ path: `/receipts/${sent.str("receipt_id")}` });
    expect(receipt.body).toMatchObject({ status: "processed", platform, headers: { "x-overwatch-sample": "true" } });
    const incident = await kit.ask({ path: `/incidents/${receipt.str("incident_ids.0")}` });
    expect(incident.body).toMatchObject({ status: "open", integration_id: made.str("id") });
    expect(incident.str("title")).toContain("Test alert from Overwatch");
  });

  it.each([
    { type: "token", header: "X-Token" },
    { type: "basic", username: "me" },
    {
      type: "hmac",
      header: "X-Mac",
      prefix: "v1=",
      algorithm: "sha512",
      encoding: "base64",
      timestamp_header: "X-Time",
    },
    { type: "standard_webhooks" },
    { type: "none" },
  ])("proves itself by verification %j", async (verification) => {
    const made = await create({ name: "v", platform: "custom", verification });
    const sent = await kit.ask({ method: "POST", path: `/integrations/${made.str("id")}/test`, body: {} });
    expect(sent.body).toMatchObject({ status_code: 200 });
  });

  it("of a disabled integration shows what a sender would be told", async () => {
    const made = await create({ name: "off", platform: "custom", enabled: false });
    const sent = await kit.ask({ method: "POST", path: `/integrations/${made.str("id")}/test`, body: {} });
    expect(sent.body).toMatchObject({
      status_code: 403,
      receipt_id: null,
      answer: { error: { code: "INTEGRATION_DISABLED" } },
    });
  });
});

describe("a preview", () => {
  it("shows signals, incident and rendered deliveries and writes nothing", async () => {
    const made = await create({ name: "p", platform: "datadog", webhook_config: documented });
    const payload = { id: "p-1", alert_name: "Disk full", severity: "critical", alert_status: "triggered" };
    const path = `/integrations/${made.str("id")}/preview`;
    const shown = await kit.ask({ method: "POST", path, body: { payload } });
    expect(shown.body).toMatchObject({
      status: "processed",
      signals: [{ dedup_key: "p-1", severity: "critical", status: "firing", incident_id: null }],
    });
    const deliveries = shown.at("deliveries") as {
      endpoint_id: string;
      matched: boolean;
      event_type: string;
      body: string;
    }[];
    const own = deliveries.find((one) => one.endpoint_id === made.str("webhook_config.id"));
    expect(own).toMatchObject({ matched: true, event_type: "incident.created" });
    expect(JSON.parse(own?.body ?? "")).toMatchObject({ title: "Disk full", severity: "critical", status: "open" });
    const incidents = await kit.ask({ path: `/incidents?integration_id=${made.str("id")}` });
    expect(incidents.at("data")).toEqual([]);
    const again = await kit.ask({ method: "POST", path, body: { payload } });
    expect(again.at("signals.0.effect")).toBe(shown.at("signals.0.effect"));
  });

  it("names the path at which an unknown payload fails", async () => {
    const made = await create({ name: "p", platform: "prometheus" });
    const path = `/integrations/${made.str("id")}/preview`;
    const shown = await kit.ask({ method: "POST", path, body: { body: "not json" } });
    expect(shown.body).toMatchObject({ status: "quarantined", signals: [], deliveries: [] });
    expect(shown.str("reason")).toMatch(/^\$/);
    const both = await kit.ask({ method: "POST", path, body: { body: "{}", payload: {} } });
    expect(both.status).toBe(422);
  });
});
