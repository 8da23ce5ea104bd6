import { existsSync } from "node:fs";
import { ALERTMANAGER_PATHS, runDemo } from "./run-demo.ts";

const alertmanager = ALERTMANAGER_PATHS.find((path) => existsSync(path));
if (alertmanager === undefined) {
  process.stderr.write("Alertmanager is not installed; on Debian: apt-get install prometheus-alertmanager\n");
  process.exit(1);
}
const result = await runDemo(alertmanager, (line) => process.stdout.write(`${line}\n`));
const isComplete =
  result.statusAtTheEnd === "resolved" &&
  result.webhooks.length === 2 &&
  result.webhooks.every((webhook) => webhook.isSigned);
process.stdout.write(
  isComplete ? "Both webhooks arrived, correctly signed.\n" : `Incomplete: ${JSON.stringify(result)}\n`,
);
process.exit(isComplete ? 0 : 1);
