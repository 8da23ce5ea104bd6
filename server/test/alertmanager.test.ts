import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { ALERTMANAGER_PATHS, runDemo } from "../../examples/alertmanager/run-demo.ts";

const alertmanager = ALERTMANAGER_PATHS.find((path) => existsSync(path));
const isRequired = process.env.REQUIRE_ALERTMANAGER === "1";

if (alertmanager === undefined && !isRequired) {
  process.stderr.write("\nSKIPPED: Alertmanager is not installed (apt-get install prometheus-alertmanager).\n\n");
}

test.skipIf(alertmanager === undefined && !isRequired)(
  "a real Alertmanager's firing and resolved alerts become one incident and two signed webhooks",
  { timeout: 90_000 },
  async () => {
    expect(alertmanager, "Alertmanager must be installed here").toBeDefined();
    const result = await runDemo(alertmanager ?? "", () => undefined);
    expect(result).toMatchObject({ statusWhileFiring: "open", statusAtTheEnd: "resolved", alertsInIncident: 2 });
    expect(result.webhooks.map((webhook) => [webhook.type, webhook.isSigned])).toEqual([
      ["incident.created", true],
      ["incident.resolved", true],
    ]);
  },
);
