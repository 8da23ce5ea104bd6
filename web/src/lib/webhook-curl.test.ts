import { expect, it } from "vitest";
import { webhookCurl } from "./webhook-curl.ts";

const webhook = { url: "http://localhost:8000/api/v1/webhooks/custom/1", headers: {}, fileName: "receipt-1.bin" };

it("quotes a body so that no shell runs what is in it", () => {
  const command = webhookCurl({ ...webhook, body: "it's $(rm -rf /) `id`" });
  expect(command).toContain("--data-binary 'it'\\''s $(rm -rf /) `id`'");
});

it("leaves out the headers of the connection and keeps those of the sender", () => {
  const headers = { host: "a", "content-length": "3", "content-type": "application/json", "x-source": "b'c" };
  const command = webhookCurl({ ...webhook, headers, body: "{}" });
  expect(command).not.toContain("content-length");
  expect(command).not.toContain("-H 'host:");
  expect(command).toContain("-H 'x-source: b'\\''c'");
});

it("reads the downloaded file where the body is no text", () => {
  expect(webhookCurl({ ...webhook, body: null })).toContain("--data-binary @'receipt-1.bin'");
});
