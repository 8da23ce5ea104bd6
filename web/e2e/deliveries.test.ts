import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Receiver, startReceiver } from "../../server/test/support/receiver.ts";
import { until } from "../../server/test/support/until.ts";
import { pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";

describe.skipIf(!isBrowserHere)("deliveries", () => {
  const kit = useConsole();
  let receiver: Receiver;
  let endpointId = "";

  beforeAll(async () => {
    receiver = await startReceiver({ respond: { status: 503, body: '{"error":"maintenance"}' } });
    const made = await kit.node.call("POST", "/endpoints", {
      name: "Ticket desk",
      url: `${receiver.url}/tickets`,
      events: ["incident.created"],
      retry: { max_attempts: 1 },
    });
    endpointId = String(made.id);
  });
  afterAll(() => receiver.close());

  const openIncident = (title: string): Promise<Record<string, unknown>> =>
    kit.node.call("POST", "/incidents", { title, severity: "high" });
  const statusIs = (status: string, count: number): Promise<unknown> =>
    until(async () => {
      const { data } = await kit.node.call("GET", `/deliveries?status=${status}&endpoint_id=${endpointId}`);
      return (data as unknown[]).length >= count;
    });

  it("shows why one failed, attempt by attempt, and sends it again when it is told to", async () => {
    await openIncident("Disk full");
    await statusIs("exhausted", 1);
    const page = await kit.open("/deliveries?status=exhausted");
    await page.getByRole("link", { name: "incident.created" }).click();
    await page.getByText("Receiver failed (503)").first().waitFor();
    await page.getByText("maintenance").waitFor();
    await page.getByRole("button", { name: "Copy as curl" }).waitFor();
    await pageCheck(page, "delivery");
    await page.setViewportSize({ width: 1280, height: 800 });
    receiver.respondWith({ status: 200 });
    await page.getByRole("button", { name: "Retry now" }).click();
    await page.getByRole("link", { name: /#2/ }).waitFor();
    await page.getByText("Succeeded").waitFor();
    expect(receiver.requests.at(-1)?.headers["webhook-id"]).toBe(receiver.requests[0]?.headers["webhook-id"]);
  });

  it("lists them by filters in the URL, and retries many after a look at how many that is", async () => {
    receiver.respondWith({ status: 400, body: "no such field" });
    await Promise.all(["One", "Two", "Three"].map(openIncident));
    await statusIs("exhausted", 3);
    const page = await kit.open("/deliveries");
    await page.getByRole("button", { name: "State" }).click();
    await page.getByLabel("Exhausted").check();
    await page.keyboard.press("Escape");
    await page.waitForURL(/status=exhausted/);
    await pageCheck(page, "deliveries");
    await page.setViewportSize({ width: 1280, height: 800 });
    receiver.respondWith({ status: 200 });
    await page.getByRole("button", { name: "Retry many" }).click();
    await page.getByRole("button", { name: "Retry: 3 deliveries" }).click();
    await page.getByText("3 of 3").waitFor();
    await page.getByText("Finished").waitFor();
    await pageCheck(page, "bulk-runs");
    await statusIs("succeeded", 4);
  });

  it("show another's retry on the page of the one that is looked at, by the stream and without asking again and again", async () => {
    receiver.respondWith({ status: 503, body: "still down" });
    await openIncident("Nobody can log in");
    await statusIs("exhausted", 1);
    const { data } = await kit.node.call("GET", `/deliveries?status=exhausted&endpoint_id=${endpointId}&limit=1`);
    const [failed] = data as { readonly id: string }[];
    const page = await kit.open(`/deliveries/${failed?.id}`, { as: "viewer" });
    await page.getByText("Receiver failed (503)").first().waitFor();
    receiver.respondWith({ status: 200 });
    await kit.node.call("POST", `/deliveries/${failed?.id}/retry`);
    await page.getByRole("link", { name: /#2/ }).waitFor();
    await page.getByText("Succeeded").waitFor();
  });

  it("lets viewers look and nothing more", async () => {
    const page = await kit.open("/deliveries", { as: "viewer" });
    await page.getByRole("link", { name: "incident.created" }).first().waitFor();
    expect(await page.getByRole("button", { name: "Retry many" }).count()).toBe(0);
    await page.getByRole("link", { name: "incident.created" }).first().click();
    await page.getByRole("heading", { name: /Attempt 2/ }).waitFor();
    expect(await page.getByRole("button", { name: /Retry now|Send again/ }).count()).toBe(0);
  });

  it("come in while one looks on, change where they stand, and hold still while paused", async () => {
    receiver.respondWith({ status: 503 });
    const page = await kit.open("/deliveries", { as: "viewer" });
    const rows = page.getByRole("table", { name: "Deliveries" }).getByRole("row");
    await page.getByText("Following").waitFor();
    await rows.nth(1).waitFor();
    const before = await rows.count();
    await openIncident("Nobody can pay");
    await rows.nth(before).waitFor();
    await rows.nth(1).getByText("Exhausted").waitFor();
    const { data } = await kit.node.call("GET", "/deliveries?status=exhausted&limit=1");
    const [failed] = data as { readonly id: string }[];
    receiver.respondWith({ status: 200 });
    await kit.node.call("POST", `/deliveries/${failed?.id}/retry`);
    await rows.nth(1).getByText("Succeeded").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await openIncident("Nobody can sign in");
    await page.getByRole("button", { name: "1 new" }).waitFor();
    expect(await rows.count()).toBe(before + 1);
    await page.getByRole("button", { name: "Follow" }).click();
    await rows.nth(before + 1).waitFor();
  });

  it("says of a parked one why it waits and until when, and offers what leads past that", async () => {
    const broken = await startReceiver({ respond: { status: 500 } });
    try {
      const made = await kit.node.call("POST", "/endpoints", {
        name: "Night pager",
        url: `${broken.url}/page`,
        events: ["incident.created"],
        filter: 'incident.title.startsWith("Night")',
        retry: { max_attempts: 1 },
        circuit: { failure_threshold: 3, first_probe_seconds: 3_600 },
      });
      for (const title of ["Night 1", "Night 2", "Night 3"]) await openIncident(title);
      await until(async () => {
        const { circuit } = (await kit.node.call("GET", `/endpoints/${made.id}`)) as { circuit: { state: string } };
        return circuit.state === "open";
      });
      const incident = await openIncident("Night watch");
      const path = `/deliveries?status=parked&endpoint_id=${made.id}&incident_id=${incident.id}`;
      const parked = async () => ((await kit.node.call("GET", path)).data as { readonly id: string }[])[0];
      await until(async () => (await parked()) !== undefined);
      const page = await kit.open(`/deliveries/${(await parked())?.id}`, { as: "responder" });
      await page.getByText(/circuit is open; it opened .* The next probe comes in \d+ min/).waitFor();
      await page.getByRole("link", { name: `#${incident.number} Night watch` }).waitFor();
      await page.getByRole("link", { name: "Look at the endpoint Night pager" }).waitFor();
      await pageCheck(page, "delivery-parked");
      await page.setViewportSize({ width: 1280, height: 800 });
      broken.respondWith({ status: 200 });
      await page.getByRole("button", { name: "Send past the open circuit" }).click();
      await page.getByRole("button", { name: "Send it now" }).click();
      await page.getByText("Succeeded", { exact: true }).waitFor();
    } finally {
      await broken.close();
    }
  }, 120_000);

  it("says of one whose endpoint a person has stopped what has to be done, and changes with it", async () => {
    const made = await kit.node.call("POST", "/endpoints", {
      name: "Stopped desk",
      url: `${receiver.url}/stopped`,
      events: ["incident.created"],
      filter: 'incident.title == "Stopped"',
    });
    await kit.node.call("POST", `/endpoints/${made.id}/circuit`, { action: "open" });
    await openIncident("Stopped");
    const parked = async () =>
      (await kit.node.call("GET", `/deliveries?endpoint_id=${made.id}`)).data as { readonly id: string }[];
    await until(async () => (await parked()).length === 1);
    const page = await kit.open(`/deliveries/${(await parked())[0]?.id}`, { as: "responder" });
    await page.getByText(/A person holds the endpoint's circuit open/).waitFor();
    const force = page.getByRole("button", { name: "Send past the open circuit" });
    await force.waitFor();
    await page.getByRole("button", { name: "Live", exact: true }).waitFor();
    await kit.node.call("POST", `/endpoints/${made.id}/disable`, {});
    await page.getByText(/The endpoint is disabled: nothing is sent until somebody enables it/).waitFor();
    await force.waitFor({ state: "detached" });
  });
});
