import { expect, it } from "vitest";
import type { IncidentWire } from "../../../../server/src/api/contract.ts";
import { incidentAsMarkdown } from "./incident-markdown.ts";

const INCIDENT: IncidentWire = {
  id: "01890000-0000-7000-8000-000000000001",
  number: 7,
  url: "https://overwatch.test/incidents/1",
  title: "Disk [full](https://evil.test) <img src=x> @channel",
  description: "first\nsecond",
  severity: "critical",
  status: "open",
  flapping: false,
  integration_id: null,
  group_key: "k",
  alert_count: 3,
  firing_count: 2,
  signal_count: 9,
  labels: { host: "db_1" },
  links: [{ href: "https://runbook.test/x", text: "Runbook" }],
  assignee: "Ada",
  edited_fields: [],
  previous_incident_id: null,
  merged_into_id: null,
  snoozed_until: null,
  created_at: "2026-11-23T12:00:00.000Z",
  updated_at: "2026-11-23T12:00:00.000Z",
  acknowledged_at: null,
  acknowledged_by: null,
  resolved_at: null,
  resolved_by: null,
};

it("writes an incident down so that nothing of an alert becomes markup", () => {
  const text = incidentAsMarkdown(INCIDENT, "https://overwatch.test/incidents/1");
  expect(text).toContain(
    "### [#7 Disk \\[full\\](https://evil.test) \\<img src=x\\> \\@channel](https://overwatch.test/incidents/1)",
  );
  expect(text).toContain("- host: db\\_1");
  expect(text).toContain("- Alerts: 2 firing of 3");
  expect(text).toContain("> first\n> second");
});
