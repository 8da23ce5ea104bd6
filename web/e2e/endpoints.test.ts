import { afterEach, describe, expect, it } from "vitest";
import { type Receiver, startReceiver } from "../../server/test/support/receiver.ts";
import { axeCheck, noSidewaysScroll, pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";
import { createCustomSource } from "./support/custom-source.ts";

describe.skipIf(!isBrowserHere)("endpoints", () => {
  const kit = useConsole();
  const receivers: Receiver[] = [];
  const receive = async (...options: Parameters<typeof startReceiver>): Promise<Receiver> => {
    const receiver = await startReceiver(...options);
    receivers.push(receiver);
    return receiver;
  };
  afterEach(async () => {
    await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
  });

  it("teaches what an endpoint is while there is none", async () => {
    const page = await kit.open("/endpoints");
    await page.getByText("Nobody is told yet").waitFor();
    await pageCheck(page, "endpoints-empty");
  });

  it("makes an endpoint from a preset, shows its secret once and the receiver's answer to a test", async () => {
    const receiver = await receive({ respond: { status: 200, body: '{"taken":"yes"}' } });
    const page = await kit.open("/endpoints/new");
    await page
      .getByRole("link", { name: /^Any other receiver/ })
      .first()
      .waitFor();
    await pageCheck(page, "endpoint-presets");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("link", { name: /^Slack/ }).click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("On-call channel");
    await page.getByLabel("TEAM").fill("T0001");
    await page.getByText("https://hooks.slack.com/services/T0001/APP/").first().waitFor();
    await page.getByRole("textbox", { name: "URL", exact: true }).fill(`${receiver.url}/services/{{webhook_token}}`);
    await page.getByRole("textbox", { name: "Value of webhook_token" }).fill("token-that-nobody-sees");
    const sent = page.getByRole("group", { name: "What would be sent" });
    await sent
      .getByText(/Sample: error rate of checkout/)
      .first()
      .waitFor();
    expect(await page.getByRole("region", { name: "Preview" }).textContent()).not.toContain("token-that-nobody-sees");
    await pageCheck(page, "endpoint-new");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("button", { name: "Create the endpoint" }).click();
    const secret = page.getByRole("dialog", { name: "The signing secret" });
    await secret.getByText(/^whsec_/).waitFor();
    await secret.getByLabel("I saved it").check();
    await secret.getByRole("button", { name: "Done" }).click();
    await secret.waitFor({ state: "detached" });
    expect(await page.content()).not.toContain("whsec_Q");
    await page.getByRole("button", { name: "Send it" }).click();
    await page.getByText("The receiver took it").waitFor();
    await page.getByText("taken", { exact: true }).waitFor();
    const [request] = receiver.requests;
    expect(request?.url).toBe("/services/token-that-nobody-sees");
    expect(request?.headers["webhook-signature"]).toMatch(/^v1,/);
  });

  it("makes the endpoint of an integration and says at its field what is refused", async () => {
    kit.expectComplaint(/ 4\d\d .*\/integrations\//);
    const receiver = await receive();
    const source = await createCustomSource(kit.node, "Checkout probes");
    const page = await kit.open(`/endpoints/new?integration=${source.integrationId}&next=/integrations`);
    await page.getByText("Checkout probes").waitFor();
    await page.getByRole("link", { name: /^Blank/ }).click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Own service");
    await page.getByRole("textbox", { name: "URL", exact: true }).fill("ftp://example.com/");
    await page.getByRole("button", { name: "Create the endpoint" }).click();
    await page.getByText(/Some fields are not right yet/).waitFor();
    await page.getByRole("textbox", { name: "URL", exact: true }).fill(`${receiver.url}/own`);
    await page.getByRole("button", { name: "Create the endpoint" }).click();
    await page.getByLabel("I saved it").check();
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("link", { name: "Go on" }).click();
    await page.waitForURL((url) => url.pathname === "/integrations");
    const { webhook_config: webhook } = await kit.node.call("GET", `/integrations/${source.integrationId}`);
    expect(webhook).toMatchObject({ name: "Own service", url: `${receiver.url}/own` });
  });

  it("shows what a template makes of a real incident and where it is wrong, and saves it", async () => {
    const receiver = await receive();
    const source = await createCustomSource(kit.node, "Template source");
    await source.send({ title: "Basket service is slow", dedup_key: "basket" });
    const made = await kit.node.call("POST", "/endpoints", {
      name: "Tickets",
      url: `${receiver.url}/tickets`,
      template: { title: "{{incident.title}}" },
    });
    await expect.poll(async () => JSON.stringify(await kit.node.call("GET", "/incidents"))).toContain("Basket service");
    const page = await kit.open(`/endpoints/${String(made.id)}?tab=template`);
    const editor = page.getByRole("textbox", { name: "Template" });
    await editor.waitFor();
    await page.getByLabel("Preview with").first().click();
    await page.getByRole("option", { name: /Basket service is slow/ }).click();
    const sent = page.getByRole("group", { name: "What would be sent" });
    await sent.getByText(/Basket service is slow/).waitFor();
    await editor.fill('{ "head": "{{incident.titel}}" }');
    await page
      .getByText(/has no field "titel".*title/)
      .first()
      .waitFor();
    await editor.fill('{ "head": "Look: {{incident.title}}" }');
    await sent.getByText(/Look: Basket service is slow/).waitFor();
    // What the editor marks while it is typed into is not what the page is checked for.
    await page.getByRole("heading", { name: "Tickets" }).click();
    await pageCheck(page, "endpoint-template");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    expect(await kit.node.call("GET", `/endpoints/${String(made.id)}`)).toMatchObject({
      template: { head: "Look: {{incident.title}}" },
    });
  });

  it("asks before changes that are not saved are left, and not once they are saved", async () => {
    const made = await kit.node.call("POST", "/endpoints", { name: "Chat room", url: "http://127.0.0.1:8901/chat" });
    const page = await kit.open(`/endpoints/${String(made.id)}?tab=settings`);
    const name = page.getByRole("textbox", { name: "Name", exact: true });
    const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
    const home = page.getByRole("complementary").getByRole("link", { name: "Home" });
    await name.fill("Chat room of the night");
    // Another tab of the page keeps what was changed.
    const tabs = page.getByRole("navigation", { name: "Parts of the endpoint" });
    await tabs.getByRole("link", { name: "Template" }).click();
    await page.getByRole("textbox", { name: "Template" }).waitFor();
    await tabs.getByRole("link", { name: "Settings" }).click();
    expect(await name.inputValue()).toBe("Chat room of the night");
    await home.click();
    await dialog.waitFor();
    await axeCheck(page);
    await dialog.getByRole("button", { name: "Stay here" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await name.inputValue()).toBe("Chat room of the night");
    // The browser asks by itself when the console as a whole is left.
    const asked = page.waitForEvent("dialog");
    const reload = page.reload().catch(() => null);
    const warning = await asked;
    expect(warning.type()).toBe("beforeunload");
    await warning.dismiss();
    await reload;
    expect(await name.inputValue()).toBe("Chat room of the night");
    await page.getByRole("link", { name: "Endpoints" }).first().click();
    await dialog.getByRole("button", { name: "Leave and lose the changes" }).click();
    await page.getByRole("heading", { name: "Endpoints", exact: true }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Chat room" }).waitFor();
    expect(await name.inputValue()).toBe("Chat room");
    await name.fill("Chat room of the day");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved.").waitFor();
    await page.getByText("There are changes that are not saved yet.").waitFor({ state: "detached" });
    await home.click();
    await page.waitForURL(({ pathname }) => pathname === "/");
  });

  it("says why a circuit is open, and brings back what was given up", async () => {
    const receiver = await receive({ respond: { status: 500, body: "down" } });
    const source = await createCustomSource(kit.node, "Outage source");
    const made = await kit.node.call("POST", "/endpoints", {
      name: "Pager of the night",
      url: `${receiver.url}/page`,
      events: ["incident.created"],
      filter: 'incident.title.startsWith("Outage")',
      retry: { max_attempts: 1 },
      circuit: { failure_threshold: 3, first_probe_seconds: 3_600 },
    });
    const path = `/endpoints/${String(made.id)}`;
    for (const name of ["a", "b", "c", "d"]) await source.send({ title: `Outage ${name}`, dedup_key: name });
    await expect.poll(() => circuitOf(kit.node.call("GET", path))).toBe("open");
    const page = await kit.open(path);
    await page.getByText(/deliveries are parked, no retry is spent/).waitFor();
    await page
      .getByText(/The receiver fails on its side/)
      .first()
      .waitFor();
    await pageCheck(page, "endpoint-open");
    await page.setViewportSize({ width: 1280, height: 800 });
    receiver.respondWith({ status: 200 });
    await page.getByRole("button", { name: "Close the circuit" }).click();
    await page.getByText("Catching up", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByRole("dialog").locator("button:focus", { hasText: "Send it" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Recovery" }).click();
    await page.getByRole("button", { name: /Recover \d+ deliver/ }).press("Enter");
    await page.getByText("Finished", { exact: true }).waitFor();
    await page.locator("button:focus", { hasText: "Nothing to recover" }).waitFor();
    await receiver.waitForCount(7);
    await page.getByRole("button", { name: "Count them" }).click();
    await page.getByRole("button", { name: "Nothing was missed" }).waitFor();
  });

  it("offers the other endpoints as fallback to those who come from the deliveries", async () => {
    const receiver = await receive();
    const [first, other] = ["Told first", "Told instead"].map((name) =>
      kit.node.call("POST", "/endpoints", { name, url: `${receiver.url}/x`, events: ["incident.created"] }),
    );
    await Promise.all([first, other]);
    const page = await kit.open("/deliveries");
    await page.getByRole("combobox", { name: "Endpoint" }).click();
    await page.getByRole("option", { name: "Told first" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("navigation").getByRole("link", { name: "Endpoints" }).first().click();
    await page.getByRole("link", { name: "Told first" }).click();
    await page.getByRole("main").getByRole("link", { name: "Settings" }).click();
    await page.getByRole("combobox", { name: "Endpoint that hears instead" }).click();
    await page.getByRole("option", { name: "Told instead" }).waitFor();
    expect(await page.getByRole("option", { name: "Told first" }).count()).toBe(0);
  });

  it("pauses with an undo, disables after a question, and keeps the filter and headers that were not touched", async () => {
    const receiver = await receive();
    const made = await kit.node.call("POST", "/endpoints", {
      name: "Careful",
      url: `${receiver.url}/x/{{key}}`,
      variables: { key: "k-123" },
      headers: { "X-Api-Key": "literal-secret" },
    });
    const path = `/endpoints/${String(made.id)}`;
    const page = await kit.open(path);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Paused", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Catching up", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "Disable", exact: true }).click();
    await page.getByRole("dialog", { name: "Disable Careful" }).getByRole("button", { name: "Disable" }).click();
    await page.getByRole("button", { name: "Enable" }).click();
    await page.getByText("Catching up", { exact: true }).first().waitFor();
    await page.getByRole("main").getByRole("link", { name: "Settings" }).click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Careful indeed");
    await page.getByLabel("Requests at a time").fill("3");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    await page.getByRole("heading", { name: "Careful indeed" }).waitFor();
    expect(await kit.node.call("GET", path)).toMatchObject({ max_in_flight: 3, variable_names: ["key"] });
    await kit.node.call("POST", `${path}/test`, {});
    const sent = await receiver.waitFor(({ url }) => url === "/x/k-123");
    expect(sent.headers["x-api-key"]).toBe("literal-secret");
  });

  it("saves every kind of setting, says at its field what is wrong, and keeps changes over a look at another tab", async () => {
    kit.expectComplaint(/ 422 /);
    const receiver = await receive();
    const fallback = await kit.node.call("POST", "/endpoints", { name: "Second line", url: "https://example.com/" });
    const made = await kit.node.call("POST", "/endpoints", { name: "Thorough", url: `${receiver.url}/in` });
    const path = `/endpoints/${String(made.id)}`;
    const page = await kit.open(`${path}?tab=settings`);
    await page.getByLabel("Requests prove who calls by").first().click();
    await page.getByRole("option", { name: "a bearer token" }).click();
    await page.getByLabel("Token").first().fill("tok-12345");
    await page.getByLabel("Attempts at most").fill("5");
    await page.getByLabel("Opens after failures").fill("4");
    await page.getByRole("button", { name: "Add a value" }).click();
    await page.getByLabel("Name of value 1").fill("ticket");
    await page.getByLabel("Expression of ticket").fill("json.id");
    await page.getByRole("button", { name: "Add an override" }).click();
    const override = page.getByRole("group", { name: /^Override of/ });
    await override
      .getByRole("textbox", { name: "Event" })
      .or(override.getByRole("combobox", { name: "Event" }))
      .first()
      .click();
    await page.getByRole("option", { name: "incident.resolved" }).last().click();
    await override.getByRole("textbox", { name: "URL" }).fill("https://elsewhere.example/x");
    await page.getByLabel("Endpoint that hears instead").first().click();
    await page.getByRole("option", { name: "Second line" }).click();
    await page.getByRole("button", { name: "Add a header" }).click();
    await page.getByLabel("Name of header 1").fill("X <script>window.pwned=1</script>");
    await page.getByRole("textbox", { name: "Filter" }).fill('incident.sevrity == "<svg onload=window.pwned=1>"');
    await page
      .getByText(/has no field "sevrity"/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText(/Not right yet: headers, filter, overrides/).waitFor();
    await override.getByText(/must lead to/i).waitFor();
    expect(await page.evaluate("window.pwned")).toBeUndefined();
    await override.getByRole("textbox", { name: "URL" }).fill(`${receiver.url}/close/{{link.ticket}}`);
    await page.getByLabel("Name of header 1").fill("X-Team");
    await page.getByLabel("Value of X-Team").fill("night");
    await page.getByRole("textbox", { name: "Filter" }).fill('incident.severity != "info"');
    await page.getByText("It matches").waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByRole("heading", { name: "Ledger" }).waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    expect(await kit.node.call("GET", path)).toMatchObject({
      auth: { type: "bearer" },
      retry: { max_attempts: 5 },
      circuit_policy: { failure_threshold: 4 },
      capture: { ticket: "json.id" },
      overrides: { "incident.resolved": { url: `${receiver.url}/close/{{link.ticket}}` } },
      fallback: { endpoint_id: fallback.id, originals: "keep" },
      filter: 'incident.severity != "info"',
    });
    await kit.node.call("POST", `${path}/test`, {});
    const sent = await receiver.waitFor(({ url }) => url === "/in");
    expect(sent.headers.authorization).toBe("Bearer tok-12345");
    expect(await page.content()).not.toContain("tok-12345");
  });

  it.each(["settings", "recovery"])("holds %s in light, dark and on a phone", async (tab) => {
    const { data } = await kit.node.call("GET", "/endpoints");
    const found = (data as readonly { readonly id: string; readonly name: string }[]).find(
      ({ name }) => name === "Pager of the night",
    );
    const page = await kit.open(`/endpoints/${found?.id}?tab=${tab}`);
    await page.getByRole("heading", { name: tab === "settings" ? "Fallback" : "Runs" }).waitFor();
    await pageCheck(page, `endpoint-${tab}`);
  });

  it("tells who saves late that somebody else was faster", async () => {
    kit.expectComplaint(/ 412 /);
    const made = await kit.node.call("POST", "/endpoints", { name: "Shared", url: "https://example.com/" });
    const path = `/endpoints/${String(made.id)}`;
    const page = await kit.open(`${path}?tab=settings`);
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Mine");
    await kit.node.call("PATCH", path, { name: "Theirs" });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Somebody else was faster").waitFor();
    await page.getByRole("button", { name: "Load what is saved now" }).click();
    await page.getByRole("heading", { name: "Theirs" }).waitFor();
  });

  it("rotates the secret with an overlap and deletes by the typed name", async () => {
    const made = await kit.node.call("POST", "/endpoints", { name: "To be gone", url: "https://example.com/" });
    const page = await kit.open(`/endpoints/${String(made.id)}?tab=secret`);
    await page.getByRole("button", { name: "Rotate the secret" }).click();
    await page.getByRole("button", { name: "Make a new secret" }).click();
    const shown = page.getByRole("dialog", { name: "The new signing secret" });
    await shown.getByText(/^whsec_/).waitFor();
    await shown.getByLabel("I saved it").check();
    await shown.getByRole("button", { name: "Done" }).click();
    await page.getByText("Previous", { exact: true }).waitFor();
    await pageCheck(page, "endpoint-secret");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("main").getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Delete the endpoint" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete To be gone" });
    await dialog.getByLabel(/To be gone/).fill("To be gone");
    await dialog.getByRole("button", { name: "Delete the endpoint" }).click();
    await page.waitForURL((url) => url.pathname === "/endpoints");
    await page.getByRole("link", { name: /^Careful/ }).waitFor();
    expect(await page.getByRole("link", { name: "To be gone" }).count()).toBe(0);
    await pageCheck(page, "endpoints");
  });

  it("shows a viewer how things are and offers nothing that would be refused", async () => {
    const { data } = await kit.node.call("GET", "/endpoints");
    const [endpoint] = data as readonly { readonly id: string; readonly name: string }[];
    const page = await kit.open("/endpoints", { as: "viewer" });
    await page
      .getByRole("link", { name: endpoint?.name ?? "" })
      .first()
      .waitFor();
    expect(await page.getByRole("link", { name: "Add an endpoint" }).count()).toBe(0);
    for (const tab of ["overview", "settings", "template", "recovery"]) {
      await page.goto(`/endpoints/${endpoint?.id}?tab=${tab}`);
      await page.getByRole("heading", { name: endpoint?.name ?? "" }).waitFor();
      for (const name of [/Send a test/, /Pause/, /Disable/, /^Save/, /Recover/, /Rotate/, /Delete/, /Reset to/]) {
        expect(await page.getByRole("main").getByRole("button", { name }).count()).toBe(0);
      }
    }
    await page.goto("/endpoints/new");
    await page.getByText("Administrators add endpoints").waitFor();
  });

  it("runs nothing of what hostile strings hold, in no field", async () => {
    for (const [index, text] of HOSTILE.entries()) {
      await kit.node.call("POST", "/endpoints", {
        name: text,
        url: `https://example.com/${index}`,
        template: { text, "</script>": HOSTILE },
        headers: { "X-Hostile": "x{{incident.title}}" },
        variables: { v: text },
        filter: `incident.title == ${JSON.stringify(text)}`,
        overrides: { "incident.resolved": { template: text.replaceAll("{{", "") } },
        capture: { id: `json[${JSON.stringify(text)}]` },
      });
    }
    const page = await kit.open("/endpoints");
    await page.getByRole("link", { name: "<img src=x onerror=" }).first().waitFor();
    const { data } = await kit.node.call("GET", "/endpoints?limit=200");
    const made = (data as readonly { readonly id: string; readonly name: string }[]).filter(({ name }) =>
      HOSTILE.includes(name),
    );
    expect(made.length).toBe(HOSTILE.length);
    for (const { id } of made.slice(0, 2)) {
      for (const tab of ["overview", "settings", "template"]) {
        await page.goto(`/endpoints/${id}?tab=${tab}`);
        await page.getByRole("link", { name: "Recovery" }).waitFor();
        expect(await page.evaluate("window.pwned")).toBeUndefined();
        expect(await page.locator("a[href^='javascript:' i]").count()).toBe(0);
      }
    }
    await noSidewaysScroll(page);
    await page.goto("/endpoints");
    await page.getByRole("link", { name: "<img src=x onerror=" }).first().waitFor();
    await noSidewaysScroll(page);
  });
});

const HOSTILE: readonly string[] = [
  "<img src=x onerror=window.pwned=1>",
  "<script>window.pwned=1</script>",
  "javascript:window.pwned=1",
  "\u202Egnp.exe\u202C right to left",
  `"><svg onload=window.pwned=1>`,
  "a".repeat(200),
];

async function circuitOf(endpoint: Promise<Record<string, unknown>>): Promise<unknown> {
  return ((await endpoint).circuit as { readonly state: string }).state;
}
