import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiKit, createApiKit, type Reply } from "./support/api-kit.ts";
import { createDeliveryKit, type DeliveryKit } from "./support/delivery-kit.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

const TICKETS = "https://tickets.example.com/api/tickets";
const fieldsOf = (reply: Reply) => (reply.at("error.details.fields") as { path: string; message: string }[]) ?? [];

describe("sending", () => {
  let kit: DeliveryKit;
  let receiver: Receiver;
  beforeAll(async () => {
    kit = await createDeliveryKit();
    receiver = await startReceiver();
  });
  afterAll(async () => {
    await receiver.close();
    await kit.close();
  });

  it("uses method, URL and template of the most specific override, and the endpoint's own for the rest", async () => {
    await kit.makeEndpoint({
      url: `${receiver.url}/tickets`,
      template: { title: "{{incident.title}}" },
      headers: { Authorization: "Bearer {{api_token}}" },
      variables: { api_token: "token-1" },
      overrides: {
        "incident.resolved": { url: `${receiver.url}/tickets/{{incident.number}}/close`, template: null },
        "incident.*": { method: "PATCH", url: `${receiver.url}/tickets/{{incident.number}}` },
      },
    });
    const payload = { incident: { id: kit.ids.next(), number: 7, title: "Disk" } };
    for (const type of ["test.ping", "incident.updated", "incident.resolved"] as const) {
      await kit.makeEvent(type, payload);
      expect(await kit.makeDeliverer().runOnce()).toBe(1);
    }
    const told = receiver.requests.map(({ method, url, body }) => [method, url, JSON.parse(body.toString())]);
    expect(told).toEqual([
      ["POST", "/tickets", { title: "Disk" }],
      ["PATCH", "/tickets/7", { title: "Disk" }],
      ["POST", "/tickets/7/close", expect.objectContaining({ type: "incident.resolved" })],
    ]);
    expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill("Bearer token-1"));
  });
});

describe("the API", () => {
  let kit: ApiKit;
  beforeAll(async () => {
    kit = await createApiKit();
  });
  afterAll(() => kit.close());
  const create = (body: object) =>
    kit.ask({ method: "POST", path: "/endpoints", body: { name: "tickets", url: TICKETS, ...body } });

  it("keeps overrides as they were given, and hides what looks like a key in their URLs from viewers", async () => {
    const overrides = {
      "incident.resolved": { method: "PATCH", url: `${TICKETS}/abcdefghijklmnopqrstuvwxyz`, template: null },
    };
    const made = await create({ overrides });
    expect(made.at("overrides")).toEqual(overrides);
    const seen = await kit.ask({ path: `/endpoints/${made.str("id")}`, key: kit.home.keys.viewer });
    expect(seen.at("overrides")).toEqual({
      "incident.resolved": { ...overrides["incident.resolved"], url: `${TICKETS}/***` },
    });
    const patched = await kit.ask({ method: "PATCH", path: `/endpoints/${made.str("id")}`, body: { overrides: {} } });
    expect(patched.at("overrides")).toEqual({});
  });

  it.each([
    ["another host", { "incident.*": { url: "https://elsewhere.example.com/" } }, "overrides.incident.*.url"],
    ["a host of an expression", { "*": { url: "https://{{incident.id}}/" } }, "overrides.*.url"],
    ["an unknown event", { "incident.closed": { method: "PATCH" } }, "overrides.incident.closed"],
    ["an unknown name", { "*": { template: { a: "{{ incident.titel }}" } } }, "overrides.*.template.a"],
  ])("refuses %s and says where", async (_what, overrides, path) => {
    const reply = await create({ overrides });
    expect(reply.status).toBe(422);
    expect(fieldsOf(reply).map((field) => field.path)).toEqual([path]);
  });

  it("refuses a move to another host that leaves overrides behind", async () => {
    const made = await create({ overrides: { "incident.*": { url: `${TICKETS}/x` } } });
    const moved = await kit.ask({
      method: "PATCH",
      path: `/endpoints/${made.str("id")}`,
      body: { url: "https://elsewhere.example.com/" },
    });
    expect(fieldsOf(moved).map((field) => field.path)).toEqual(["overrides.incident.*.url"]);
  });

  it("renders what the event would get, with the link that earlier answers left", async () => {
    const request = {
      url: TICKETS,
      template: { title: "{{incident.title}}" },
      link: { ticket_id: 17 },
      overrides: {
        "incident.resolved": { method: "PATCH", url: `${TICKETS}/{{link.ticket_id}}`, template: { state: "closed" } },
      },
    };
    const render = (event_type: string) =>
      kit.ask({ method: "POST", path: "/templates/render", body: { ...request, event_type } });
    const closed = await render("incident.resolved");
    expect(closed.body).toMatchObject({
      ok: true,
      method: "PATCH",
      url: `${TICKETS}/17`,
      override: "incident.resolved",
      body: '{"state":"closed"}',
    });
    expect((await render("incident.created")).body).toMatchObject({ method: "POST", url: TICKETS, override: null });
  });

  it("previews the body that the override makes", async () => {
    const integration = await kit.ask({
      method: "POST",
      path: "/integrations",
      body: {
        name: "custom",
        platform: "custom",
        webhook_config: {
          url: TICKETS,
          template: { a: 1 },
          overrides: { "incident.created": { template: { opened: "{{incident.title}}" } } },
        },
      },
    });
    const preview = await kit.ask({
      method: "POST",
      path: `/integrations/${integration.str("id")}/preview`,
      body: { payload: { id: "a", title: "Disk", severity: "high", status: "firing" } },
    });
    const deliveries = preview.at("deliveries") as { endpoint_name: string; matched: boolean; body: string | null }[];
    expect(deliveries.find((one) => one.matched && one.endpoint_name === "custom")?.body).toBe('{"opened":"Disk"}');
  });
});
