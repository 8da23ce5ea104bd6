import { describe, expect, it } from "vitest";
import { readReceipt } from "./read-receipt.ts";

const RECEIVED_AT = Date.UTC(2026, 10, 23, 12);
const context = { headers: { "content-type": "application/json" }, receivedAt: RECEIVED_AT };
const read = (platform: string, body: unknown, mapping: Parameters<typeof readReceipt>[0]["mapping"] = null) =>
  readReceipt({ platform, mapping }, Buffer.from(JSON.stringify(body)), context);

describe("a receipt", () => {
  it("is read by its platform, or by the integration's mapping where there is one", () => {
    const body = { id: "7", alert_name: "CPU", who: { name: "db" } };
    expect(read("datadog", body)).toMatchObject({ kind: "signals", signals: [{ externalId: "7", title: "CPU" }] });
    const mapping = { dedup_key: "payload.who.name", title: { const: "Mapped" } };
    expect(read("custom", body, mapping)).toMatchObject({
      kind: "signals",
      signals: [{ dedupKey: "db", title: "Mapped" }],
    });
  });

  it("is unreadable with a reason when its mapping is not valid or fails, or its platform is unknown", () => {
    expect(read("custom", {}, { titel: "payload.a" })).toMatchObject({
      kind: "unreadable",
      message: /not valid at \$\.titel/,
    });
    expect(read("custom", { a: 1 }, { each: "payload.a", title: "item.b" })).toMatchObject({
      kind: "unreadable",
      message: /failed at \$\.each/,
    });
    expect(read("nagios", {})).toMatchObject({ kind: "unreadable", message: "the platform nagios is not known" });
  });

  it("cannot reach more than a day into the future with its source time", () => {
    const at = (updatedAt: number) =>
      read("newrelic", { issueId: "k", title: "T", state: "OPEN", priority: "HIGH", updatedAt });
    const far = at(RECEIVED_AT + 40 * 86_400_000);
    expect(far).toMatchObject({ kind: "signals", signals: [{ sourceTime: RECEIVED_AT + 86_400_000 }] });
    expect(far.kind === "signals" && far.warnings.at(-1)).toMatch(/more than a day in the future/);
    expect(at(RECEIVED_AT + 3_600_000)).toMatchObject({ signals: [{ sourceTime: RECEIVED_AT + 3_600_000 }] });
  });
});
