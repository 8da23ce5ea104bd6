import { afterAll, beforeAll, expect, it } from "vitest";
import { failOver } from "../src/deliver/fail-over.ts";
import { createIds } from "../src/runtime/id.ts";
import { createLog } from "../src/runtime/log.ts";
import { createMetrics } from "../src/runtime/metrics.ts";
import { type ApiKit, createApiKit } from "./support/api-kit.ts";

let kit: ApiKit;
beforeAll(async () => {
  kit = await createApiKit();
});
afterAll(() => kit.close());

const create = (body: object) =>
  kit.ask({ method: "POST", path: "/endpoints", body: { name: "e", url: "https://hooks.example.com/in", ...body } });
const patch = (id: string, body: object) => kit.ask({ method: "PATCH", path: `/endpoints/${id}`, body });

it("a fallback is shown with its defaults and whether it is in use, and is taken away by null", async () => {
  const spare = await create({});
  const main = await create({ fallback: { endpoint_id: spare.str("id") } });
  const fallback = { endpoint_id: spare.str("id"), after_minutes: 5, originals: "keep", in_use: false };
  expect(main.at("fallback")).toEqual(fallback);
  await kit.ask({ method: "POST", path: `/endpoints/${main.str("id")}/disable`, body: {} });
  const read = await kit.ask({ path: `/endpoints/${main.str("id")}` });
  expect(read.at("fallback")).toEqual({ ...fallback, in_use: true });
  expect((await patch(main.str("id"), { name: "renamed" })).at("fallback")).toEqual({ ...fallback, in_use: true });
  expect((await patch(main.str("id"), { fallback: null })).at("fallback")).toBeNull();
});

it("a fallback that is foreign or unknown is not found", async () => {
  const theirs = await kit.ask({
    method: "POST",
    path: "/endpoints",
    key: kit.foreign.keys.admin,
    body: { name: "theirs", url: "https://hooks.example.com/in" },
  });
  for (const endpoint_id of [theirs.str("id"), kit.ids.next()]) {
    const reply = await create({ fallback: { endpoint_id } });
    expect([reply.status, reply.at("error.code")]).toEqual([404, "NOT_FOUND"]);
  }
});

it("a circle of fallbacks is refused", async () => {
  const one = await create({});
  const two = await create({ fallback: { endpoint_id: one.str("id") } });
  for (const id of [one.str("id"), two.str("id")]) {
    const reply = await patch(one.str("id"), { fallback: { endpoint_id: id } });
    expect([reply.status, reply.at("error.details.fields.0.path")]).toEqual([422, "fallback.endpoint_id"]);
  }
});

it("what waited before the fallback was named fails over too, and both deliveries name each other", async () => {
  const spare = await create({ events: ["endpoint.disabled"] });
  const main = await create({ events: ["incident.created"] });
  await kit.ask({ method: "POST", path: "/incidents", body: { title: "Disk", severity: "high" } });
  await kit.ask({ method: "POST", path: `/endpoints/${main.str("id")}/disable`, body: {} });
  await patch(main.str("id"), { fallback: { endpoint_id: spare.str("id") } });
  const deps = { database: kit.database, clock: kit.clock, ids: createIds(kit.clock) };
  await failOver({ ...deps, log: createLog("silent"), metrics: createMetrics({ withProcessMetrics: false }) });

  const [waiting] = (await kit.ask({ path: `/deliveries?endpoint_id=${main.str("id")}` })).at("data") as {
    id: string;
  }[];
  const original = await kit.ask({ path: `/deliveries/${waiting?.id}` });
  expect(original.body).toMatchObject({ status: "parked", failover_of: null });
  expect(original.at("failed_over_to.endpoint_id")).toBe(spare.str("id"));
  const standIn = await kit.ask({ path: `/deliveries/${original.str("failed_over_to.delivery_id")}` });
  expect(standIn.body).toMatchObject({ status: "pending", failover_of: waiting?.id, failed_over_to: null });
});

it("that others fall back to is not deleted, and the answer names them, unless they go with it", async () => {
  const spare = await create({});
  const main = await create({ name: "main", fallback: { endpoint_id: spare.str("id") } });
  const remove = (path: string) => kit.ask({ method: "DELETE", path });
  const refused = await remove(`/endpoints/${spare.str("id")}`);
  expect([refused.status, refused.at("error.code")]).toEqual([409, "ENDPOINT_IN_USE"]);
  expect(refused.at("error.details.used_by")).toEqual([{ id: main.str("id"), name: "main" }]);
  expect((await kit.ask({ path: `/endpoints/${spare.str("id")}` })).status).toBe(200);

  const webhook_config = { url: "https://hooks.example.com/in" };
  const integration = await kit.ask({
    method: "POST",
    path: "/integrations",
    body: { name: "with a webhook", platform: "custom", webhook_config },
  });
  const own = (await kit.ask({ path: `/endpoints?integration_id=${integration.str("id")}` })).str("data.0.id");
  await patch(main.str("id"), { fallback: { endpoint_id: own } });
  const path = `/integrations/${integration.str("id")}`;
  expect((await kit.ask({ method: "PATCH", path, body: { webhook_config: null } })).at("error.code")).toBe(
    "ENDPOINT_IN_USE",
  );
  expect((await remove(path)).at("error.code")).toBe("ENDPOINT_IN_USE");
  expect((await kit.ask({ path: `/endpoints/${own}` })).status, "nothing was deleted by half").toBe(200);

  expect((await remove(`/endpoints/${main.str("id")}`)).status).toBe(204);
  expect((await remove(path)).status).toBe(204);
  expect((await remove(`/endpoints/${spare.str("id")}`)).status).toBe(204);
});
