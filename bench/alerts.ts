import { createHmac } from "node:crypto";

/** Builds signed Datadog webhooks as whole HTTP requests. */
export type AlertSource = {
  /** A firing alert; alerts of different keys become incidents of their own. */
  firing(key: string): Buffer;
};

/** Requests for one integration, with bodies of about 600 bytes like those that monitors send. */
export function createAlertSource(path: string, secret: string): AlertSource {
  const filler = "CPU usage of the host has been above its threshold for five minutes. ".repeat(4);
  return {
    firing(key) {
      const body = JSON.stringify({
        id: key,
        alert_type: "error",
        alert_name: `High CPU usage ${key}`,
        alert_status: "triggered",
        severity: "critical",
        message: filler,
        host: "web-server-01",
        tags: ["env:production", "service:api", "team:platform", "region:eu-west-1"],
        link: "https://app.example.com/monitors/1234567890",
      });
      const signature = createHmac("sha256", secret).update(body).digest("hex");
      return Buffer.from(
        `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n` +
          `X-Datadog-Signature: sha256=${signature}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    },
  };
}
