import { createHmac } from "node:crypto";
import type { NodeProcess } from "../../../server/test/support/node-process.ts";

/** A sender of webhooks, as somebody's own script would be. */
export type CustomSource = {
  readonly integrationId: string;
  /** Sends an alert, signed, and resolves when it was accepted. */
  send(alert: Readonly<Record<string, unknown>>): Promise<void>;
};

const SECRET = "custom-source-secret-0123456789";

/** Makes an integration of the custom platform and gives its sender. */
export async function createCustomSource(node: NodeProcess, name: string): Promise<CustomSource> {
  const made = await node.call("POST", "/integrations", { name, platform: "custom", signing_secret: SECRET });
  const integrationId = String(made.id);
  return {
    integrationId,
    async send(alert) {
      const body = JSON.stringify({ status: "firing", severity: "high", ...alert });
      const mac = createHmac("sha256", SECRET).update(body).digest("hex");
      const answer = await fetch(`${node.url}/api/v1/webhooks/custom/${integrationId}`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-overwatch-signature": `sha256=${mac}` },
        body,
      });
      if (!answer.ok) throw new Error(`An alert was refused: ${answer.status} ${await answer.text()}`);
    },
  };
}
