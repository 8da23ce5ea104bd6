import { afterAll, beforeAll, expect, test } from "vitest";
import { createDeliverer } from "../src/deliver/deliverer.ts";
import { createEgress, type Egress } from "../src/runtime/egress.ts";
import { createLog } from "../src/runtime/log.ts";
import { createMetrics } from "../src/runtime/metrics.ts";
import { createVault } from "../src/runtime/secrets.ts";
import { type ApiKit, createApiKit } from "./support/api-kit.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

let kit: ApiKit;
let relay: Receiver;
let egress: Egress;

beforeAll(async () => {
  [kit, relay] = [await createApiKit(), await startReceiver()];
  egress = createEgress({ allowCidrs: ["127.0.0.0/8"] });
});

afterAll(async () => {
  await egress.close();
  await relay.close();
  await kit.close();
});

test("deliveries that come back as webhooks end after five rounds, and the receipt says why", async () => {
  const integration = await kit.ask({
    method: "POST",
    path: "/integrations",
    body: {
      name: "loop",
      platform: "custom",
      verification: { type: "none" },
      webhook_config: {
        url: relay.url,
        events: ["incident.created"],
        template: { id: "{{incident.id}}", title: "again", status: "firing" },
      },
    },
  });
  const path = `/api/v1/webhooks/custom/${integration.str("id")}`;
  const deliverer = createDeliverer({
    ...kit,
    log: createLog("silent"),
    metrics: createMetrics({ withProcessMetrics: false }),
    vault: createVault("a secret key of the tests, long enough"),
    egress,
    nodeId: kit.ids.next(),
    random: () => 0.5,
    monotonicNow: () => performance.now(),
    place: () => ({ rank: 0, nodes: 1 }),
  });
  const first = await kit.deliverWebhook(path, '{"id":"0","title":"first","status":"firing"}', {});
  expect(first.status).toBe(200);
  let receiptId = first.str("data.receipt_id");
  for (let round = 1; round <= 5; round += 1) {
    await kit.triage.runOnce();
    expect(await deliverer.runOnce(), `round ${round}`).toBe(1);
    const request = relay.requests.at(-1);
    expect(request?.headers["overwatch-hops"]).toBe(String(round));
    const again = await kit.deliverWebhook(path, request?.body ?? "", {
      "overwatch-hops": String(request?.headers["overwatch-hops"]),
    });
    expect(again.status).toBe(200);
    receiptId = again.str("data.receipt_id");
  }
  await kit.triage.runOnce();
  expect(await deliverer.runOnce()).toBe(0);
  const receipt = await kit.ask({ path: `/receipts/${receiptId}` });
  expect(receipt.body).toMatchObject({ status: "ignored", reason: expect.stringContaining("loop: ") });
});
