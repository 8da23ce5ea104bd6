import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findIncident } from "../src/store/incidents.ts";
import { sql } from "../src/store/sql.ts";
import { createTriageKit, type TriageKit } from "./support/triage-kit.ts";

const SAMPLE = {
  id: "1234567890",
  alert_type: "error",
  alert_name: "High CPU Usage",
  alert_status: "triggered",
  severity: "critical",
  message: "CPU usage above 90%",
  host: "web-server-01",
  tags: ["env:production", "service:api"],
  link: "https://example.com/monitor/1",
};

let kit: TriageKit;
beforeAll(async () => {
  kit = await createTriageKit();
});
afterAll(() => kit.close());

describe("the thread from a stored webhook to deliveries", () => {
  it("opens an incident for a firing, resolves it with its recovery, and queues one delivery for each", async () => {
    const organizationId = await kit.makeOrganization();
    const integration = await kit.makeIntegration(organizationId);
    const endpoint = await kit.makeEndpoint(organizationId, { filter: 'incident.severity == "critical"' });
    const triage = kit.makeTriage();
    const receiptId = await kit.store(integration, SAMPLE);
    expect(await triage.runOnce()).toBe(1);

    const [outcome] = await kit.rows<{
      status: string;
      reason: string | null;
      incident_ids: string[];
      alert_ids: string[];
      trace: object;
    }>(
      sql`select status, reason, incident_ids::text[] as incident_ids, alert_ids, trace from receipt_outcomes where receipt_id = ${receiptId}`,
    );
    expect(outcome).toMatchObject({ status: "processed", reason: null, alert_ids: ["1234567890"] });
    const incident = await findIncident(kit.database, organizationId, outcome?.incident_ids[0] ?? "");
    expect(incident).toMatchObject({
      number: 1,
      status: "open",
      severity: "critical",
      title: "High CPU Usage",
      alertCount: 1,
      firingCount: 1,
    });
    expect(outcome?.trace).toMatchObject({
      verified: { by: "signature" },
      read: { kind: "signals" },
      signals: [{ decision: "opened", incident_number: 1, dedup_key: "1234567890", status: "firing" }],
      events: [{ type: "incident.created", endpoints: [{ endpoint_id: endpoint.id, matched: true }] }],
    });

    kit.clock.advance(60_000);
    await kit.store(integration, { ...SAMPLE, alert_status: "recovered" });
    expect(await triage.runOnce()).toBe(1);
    expect(await findIncident(kit.database, organizationId, incident?.id ?? "")).toMatchObject({
      status: "resolved",
      firingCount: 0,
      alertCount: 1,
    });
    const deliveries = await kit.rows(
      sql`select event_type, status, sequence, endpoint_id::text from deliveries where organization_id = ${organizationId} order by id`,
    );
    expect(deliveries).toEqual([
      { event_type: "incident.created", status: "pending", sequence: 1, endpoint_id: endpoint.id },
      { event_type: "incident.resolved", status: "pending", sequence: 2, endpoint_id: endpoint.id },
    ]);
    expect(await triage.runOnce()).toBe(0);
  });
});
