import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestInProcess } from "../src/api/in-process-request.ts";
import { deleteDeliveryIdsBefore } from "../src/store/receipts.ts";
import {
  openedSecret,
  openReceiveKit,
  queuedCount,
  type ReceiveKit,
  SECRET,
  STARTED_AT,
  signed,
  storedReceipts,
} from "./support/receive-kit.ts";

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
    const answer = await kit.send({
      path: pathOf(integration),
      headers: { ...signed(BODY), "x-request-id": "req-1" },
      body: BODY,
    });
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
    expect(kit.usedSecrets).toContain(openedSecret(SECRET).id);
    expect(kit.stored).toBeGreaterThan(0);
  });

  test("is answered as JSON that no browser may sniff or keep, with the request id in the header", async () => {
    const integration = kit.add({});
    const answer = await kit.send({ path: pathOf(integration), headers: signed(BODY), body: BODY });
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-request-id")).toBe(answer.json.data?.request_id);
    expect(answer.json.data?.request_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("gets a request id of its own when the sender's is not one (K01)", async () => {
    const integration = kit.add({});
    for (const id of ["a b", "x".repeat(129), "<script>", ""]) {
      const answer = await kit.send({
        path: pathOf(integration),
        headers: { ...signed(BODY), "x-request-id": id },
        body: BODY,
      });
      expect(answer.json.data?.request_id).toMatch(/^[0-9a-f-]{36}$/);
    }
    const odd = await kit.send({
      path: pathOf(integration),
      headers: { ...signed(BODY), "x-request-id": "null" },
      body: BODY,
    });
    expect(odd.json.data?.request_id).toBe("null");
    expect((await storedReceipts(kit, integration.id)).at(-1)?.request_id).toBe("null");
  });

  test("names every alert of a body that carries several", async () => {
    const integration = kit.add({});
    const body = JSON.stringify([
      { id: "a", title: "one" },
      { id: "b", title: "two" },
      { id: 'c"\\', title: "three" },
    ]);
    const answer = await kit.send({ path: pathOf(integration), headers: signed(body), body });
    expect(answer.json.data).toMatchObject({
      alert_id: "a",
      alert_ids: ["a", "b", 'c"\\'],
      processing_status: "queued",
    });
  });

  test("keeps bytes that are no text exactly, whatever their content type says", async () => {
    const integration = kit.add({});
    const body = Buffer.from([0, 0xff, 0xfe, 0x7b, 0x22, 0x5c, 0, 0xed, 0xa0, 0x80]);
    const answer = await kit.send({
      path: pathOf(integration),
      headers: { ...signed(body), "content-type": "multipart/form-data; boundary=x" },
      body,
    });
    expect(answer.status).toBe(200);
    expect(answer.json.data).toMatchObject({ processing_status: "quarantined", alert_id: null });
    expect(typeof answer.json.data?.reason).toBe("string");
    const [receipt] = await storedReceipts(kit, integration.id);
    expect(receipt?.body.equals(body)).toBe(true);
  });

  test("is stored once among a hundred that come at once, each with its own bytes", async () => {
    const integration = kit.add({});
    const bodies = Array.from({ length: 100 }, (_, index) =>
      JSON.stringify({ id: `n-${index}`, title: "x".repeat(index) }),
    );
    const answers = await Promise.all(
      bodies.map((body) => kit.send({ path: pathOf(integration), headers: signed(body), body })),
    );
    const receipts = await storedReceipts(kit, integration.id);
    const byId = new Map(receipts.map((receipt) => [receipt.id, receipt.body.toString()]));
    expect(byId.size).toBe(100);
    for (const [index, answer] of answers.entries()) {
      expect(byId.get(String(answer.json.data?.receipt_id))).toBe(bodies[index]);
    }
    expect(await queuedCount(kit, integration.id)).toBe(100);
  });

  test("is kept even when reading its payload fails for a fault of ours", async () => {
    const broken = await openReceiveKit({
      readReceipt: () => {
        throw new Error("a bug");
      },
    });
    const integration = broken.add({});
    const answer = await broken.send({ path: pathOf(integration), headers: signed(BODY), body: BODY });
    expect(answer.json.data).toMatchObject({ alert_id: null, processing_status: "queued" });
    expect(await storedReceipts(broken, integration.id)).toHaveLength(1);
    await broken.close();
  });

  test("meets 500, not the end of the process, when verifying fails for a fault of ours", async () => {
    const broken = await openReceiveKit({
      noteSecretUse: () => {
        throw new Error("a bug");
      },
    });
    const integration = broken.add({});
    const answer = await broken.send({ path: pathOf(integration), headers: signed(BODY), body: BODY });
    expect([answer.status, answer.json.error?.code, answer.json.error?.details]).toEqual([500, "INTERNAL", {}]);
    expect(await storedReceipts(broken, integration.id)).toEqual([]);
    await broken.close();
  });

  test("may be put by Grafana, and only by Grafana", async () => {
    const integration = kit.add({ platform: "grafana" });
    const body = '{"orgId":1,"version":"1","alerts":[]}';
    const mac = createHmac("sha256", SECRET).update(body).digest("hex");
    const headers = { "x-grafana-alerting-signature": mac };
    expect((await kit.send({ path: pathOf(integration), method: "PUT", headers, body })).status).toBe(200);
    const custom = kit.add({});
    const refused = await kit.send({ path: pathOf(custom), method: "PUT", headers: signed(BODY), body: BODY });
    expect(refused.status).toBe(405);
    expect(refused.headers.get("allow")).toBe("POST");
  });
});

test("a request that never touched the network is received like any other", async () => {
  const integration = kit.add({});
  const answer = await requestInProcess(kit.receiver.handle, {
    method: "POST",
    url: pathOf(integration),
    headers: signed(BODY),
    body: Buffer.from(BODY),
  });
  expect([answer.status, JSON.parse(answer.body).data.alert_id]).toEqual([200, "a-1"]);
  expect(await storedReceipts(kit, integration.id)).toHaveLength(1);
});

test("delivery ids are forgotten by age, and the webhook is then a new one", async () => {
  const integration = kit.add({ platform: "pagerduty", verification: { type: "none" } });
  const request = { path: pathOf(integration), headers: { "x-webhook-id": "w-9" }, body: "{}" };
  const first = (await kit.send(request)).json.data?.receipt_id;
  expect(await deleteDeliveryIdsBefore(kit.database, kit.clock.now())).toBe(0);
  expect((await kit.send(request)).json.data?.receipt_id).toBe(first);
  expect(await deleteDeliveryIdsBefore(kit.database, kit.clock.now() + 1)).toBeGreaterThan(0);
  expect((await kit.send(request)).json.data?.receipt_id).not.toBe(first);
});

describe("a webhook that its sender repeats", () => {
  const send = (integration: { readonly id: string; readonly platform: string }, body: string, deliveryId: string) =>
    kit.send({
      path: pathOf(integration),
      headers: {
        "x-pagerduty-signature": `v1=${createHmac("sha256", SECRET).update(body).digest("hex")}`,
        "x-webhook-id": deliveryId,
      },
      body,
    });
  const body = JSON.stringify({
    event: { id: "e1", event_type: "pagey.ping", resource_type: "pagey", data: { type: "ping" } },
  });

  test("keeps its one receipt, at once and later (F01, F43)", async () => {
    const integration = kit.add({ platform: "pagerduty" });
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(integration, body, "w-1")));
    answers.push(await send(integration, body, "w-1"));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(new Set(answers.map((answer) => answer.json.data?.receipt_id)).size).toBe(1);
    const receipts = await storedReceipts(kit, integration.id);
    expect(receipts).toHaveLength(1);
    expect(receipts[0]?.delivery_id).toBe("w-1");
    expect(await queuedCount(kit, integration.id)).toBe(1);
  });

  test("is another webhook when the bytes differ, or the integration", async () => {
    const integration = kit.add({ platform: "pagerduty" });
    const other = kit.add({ platform: "pagerduty" });
    const ids = [
      (await send(integration, body, "w-1")).json.data?.receipt_id,
      (await send(integration, `${body} `, "w-1")).json.data?.receipt_id,
      (await send(other, body, "w-1")).json.data?.receipt_id,
    ];
    expect(new Set(ids).size).toBe(3);
  });

  test("is known by its MAC where that covers a time, within the tolerance and not after (A16, A17)", async () => {
    const integration = kit.add({ verification: { type: "signature", timestamp_header: "X-Time" } });
    const seconds = String(Math.floor(kit.clock.now() / 1_000));
    const mac = createHmac("sha256", SECRET).update(`${seconds}:${BODY}`).digest("hex");
    const request = {
      path: pathOf(integration),
      headers: { "x-overwatch-signature": `sha256=${mac}`, "x-time": seconds },
      body: BODY,
    };
    const first = await kit.send(request);
    const replay = await kit.send(request);
    expect(replay.json.data?.receipt_id).toBe(first.json.data?.receipt_id);
    kit.advance(302_000);
    const late = await kit.send(request);
    expect(late.status).toBe(401);
    expect(late.json.error?.details.reason).toBe("expired");
    expect(await storedReceipts(kit, integration.id)).toHaveLength(1);
  });

  test("without a name is stored each time, for nobody can tell it from a new one", async () => {
    const integration = kit.add({});
    for (let index = 0; index < 2; index += 1) {
      expect((await kit.send({ path: pathOf(integration), headers: signed(BODY), body: BODY })).status).toBe(200);
    }
    expect(await storedReceipts(kit, integration.id)).toHaveLength(2);
  });
});

describe("a gzip body", () => {
  test("is stored inflated, and may be signed over either form", async () => {
    const integration = kit.add({});
    const packed = gzipSync(BODY);
    for (const over of [packed, BODY]) {
      const answer = await kit.send({
        path: pathOf(integration),
        headers: { ...signed(over), "content-encoding": "gzip" },
        body: packed,
      });
      expect(answer.status).toBe(200);
      expect(answer.json.data?.alert_id).toBe("a-1");
    }
    for (const receipt of await storedReceipts(kit, integration.id)) {
      expect(receipt.body.toString()).toBe(BODY);
      expect(receipt.headers["content-encoding"]).toBeUndefined();
    }
  });

  test("that is damaged is kept as it came when its sender is believed, and refused when not", async () => {
    const integration = kit.add({});
    const damaged = gzipSync(BODY).subarray(0, 20);
    const headers = { ...signed(damaged), "content-encoding": "gzip" };
    const answer = await kit.send({ path: pathOf(integration), headers, body: damaged });
    expect(answer.json.data?.processing_status).toBe("quarantined");
    expect((await storedReceipts(kit, integration.id))[0]?.body.equals(damaged)).toBe(true);
    const forged = await kit.send({
      path: pathOf(integration),
      headers: { ...headers, ...signed("x") },
      body: damaged,
    });
    expect(forged.status).toBe(401);
  });

  test("that grows beyond the limit, or beyond all proportion, is refused (C03)", async () => {
    const integration = kit.add({});
    for (const size of [50_000_000, 900_000]) {
      const bomb = gzipSync(Buffer.alloc(size));
      const headers = { ...signed(bomb), "content-encoding": "gzip" };
      const answer = await kit.send({ path: pathOf(integration), headers, body: bomb });
      expect(answer.status).toBe(413);
      expect(answer.json.error?.code).toBe("PAYLOAD_TOO_LARGE");
    }
    expect(await storedReceipts(kit, integration.id)).toEqual([]);
  });
});
