import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { macOf, openReceiveKit, queuedCount, type ReceiveKit, signed, STARTED_AT, storedReceipts } from "./support/receive-kit.ts";

let kit: ReceiveKit;
beforeAll(async () => {
  kit = await openReceiveKit();
});
afterAll(async () => {
  await kit.close();
});

const BODY = JSON.stringify({ id: "a-1", title: "Disk full", severity: "high" });
const pathOf = (integration: { readonly id: string; readonly platform: string }): string =>
  `/api/v1/webhooks/${integration.platform}/${integration.id}`;

describe("an accepted webhook", () => {
  test("is committed with its very bytes before the answer, which has the documented shape", async () => {
    const integration = kit.add({});
    const answer = await kit.send({ path: pathOf(integration), headers: { ...signed(BODY), "x-request-id": "req-1" }, body: BODY });
    const [receipt, ...others] = await storedReceipts(kit, integration.id);
    expect(others).toEqual([]);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      success: true,
      message: "Webhook received successfully",
      data: {
        integration_id: integration.id,
        alert_id: "a-1",
        receipt_id: receipt?.id,
        processing_status: "queued",
        request_id: "req-1",
      },
    });
    expect(receipt).toMatchObject({
      source_ip: "127.0.0.1",
      request_id: "req-1",
      delivery_id: null,
      verified_by: "signature",
      received_at: STARTED_AT,
    });
    expect(receipt?.body.toString()).toBe(BODY);
    expect(receipt?.headers).toMatchObject({ "content-type": "application/json", "x-overwatch-signature": "[masked]" });
    expect(await queuedCount(kit, integration.id)).toBe(1);
    expect(kit.usedSecrets).toHaveLength(1);
    expect(macOf(BODY)).not.toBe("");
  });
});
