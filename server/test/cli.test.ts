import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliKit, createCliKit } from "./support/cli-kit.ts";
import { type Cluster, createCluster } from "./support/cluster.ts";
import { ADMIN_KEY, type NodeProcess } from "./support/node-process.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

// The commands as processes, against a real server.

let cluster: Cluster;
let node: NodeProcess;
let receiver: Receiver;
let cli: CliKit;
const integrations = new Map<string, Record<string, unknown>>();

beforeAll(async () => {
  cluster = await createCluster();
  [node, receiver] = await Promise.all([cluster.start(), startReceiver()]);
  cli = createCliKit({ OVERWATCH_URL: node.url, OVERWATCH_API_KEY: ADMIN_KEY });
  for (const platform of ["prometheus", "custom", "datadog"]) {
    integrations.set(platform, await node.call("POST", "/integrations", { name: `my ${platform}`, platform }));
  }
});

afterAll(async () => {
  cli.close();
  await receiver.close();
  await cluster.close();
});

/** The newest incident with that title, read until the server has made it. */
function incident(fits: (row: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
  return until(async () => {
    const page = (await node.call("GET", "/incidents?limit=200")) as { data: Record<string, unknown>[] };
    return page.data.find(fits);
  });
}

describe("login", () => {
  it("keeps the key for its owner alone, and later commands use it with the server that it was kept for", async () => {
    const none = { OVERWATCH_URL: "", OVERWATCH_API_KEY: "" };
    const login = await cli.run(["login", "--url", node.url, "--with-token"], { input: `${ADMIN_KEY}\n`, env: none });
    expect(login.code, login.errors).toBe(0);
    expect(login.output + login.errors).not.toContain(ADMIN_KEY);
    expect(statSync(join(cli.home, ".config/overwatch/login.json")).mode & 0o777).toBe(0o600);
    const [me] = await cli.rows(["whoami"], { env: none });
    expect(me).toMatchObject({ server: node.url, role: "admin" });
    const elsewhere = await cli.run(["whoami", "--url", receiver.url], { env: none });
    expect([elsewhere.code, elsewhere.errors]).toEqual([3, expect.stringContaining("there is no API key")]);
    expect((await cli.run(["logout"], { env: none })).code).toBe(0);
    expect((await cli.run(["whoami"], { env: { ...none, OVERWATCH_URL: node.url } })).code).toBe(3);
  });

  it("asks nobody where there is no terminal, and refuses a wrong key", async () => {
    const asked = await cli.run(["login"]);
    expect([asked.code, asked.output]).toEqual([2, ""]);
    expect(asked.errors).toContain("--with-token");
    expect((await cli.run(["login", "--with-token"], { input: "ow_wrong_key_0123456789_0123456789" })).code).toBe(3);
  });
});

describe("exit codes", () => {
  it("tell usage, authorization, absence and unavailability apart, with data on one stream and words on the other", async () => {
    const unknown = await cli.run(["incidnet", "list"]);
    expect([unknown.code, unknown.output]).toEqual([2, ""]);
    expect(unknown.errors).toContain("Did you mean incident?");
    expect((await cli.run(["incident", "list", "--status", "closed"])).code).toBe(2);
    expect((await cli.run(["incident", "list", "--since", "yesterday"])).code).toBe(2);
    expect(
      (await cli.run(["incident", "list"], { env: { OVERWATCH_API_KEY: "ow_none_0123456789_0123456789" } })).code,
    ).toBe(3);
    expect((await cli.run(["incident", "get", "987654"])).code).toBe(4);
    const away = await cli.run(["incident", "list"], { env: { OVERWATCH_URL: "http://127.0.0.1:9" } });
    expect([away.code, away.output]).toEqual([5, ""]);
    expect((await cli.run(["--help"])).code).toBe(0);
  });
});

describe("trigger", () => {
  it("sends a signed alert of the severity that was asked for, and its end", async () => {
    const sent = await cli.rows(["trigger", "prometheus", "--severity", "critical", "--id", "disk"]);
    expect(sent).toMatchObject([{ status_code: 200 }]);
    const integrationId = integrations.get("prometheus")?.id;
    const opened = await incident((row) => row.integration_id === integrationId);
    expect(opened).toMatchObject({ severity: "critical", status: "open" });
    await cli.rows(["trigger", "prometheus", "--id", "disk", "--resolve"]);
    expect(await incident((row) => row.id === opened.id && row.status === "resolved")).toBeDefined();
  });

  it("signs by itself with a secret from a file, puts values into the payload, and sends several at a pace", async () => {
    const file = join(cli.home, "secret");
    writeFileSync(file, `${String(integrations.get("custom")?.signing_secret)}\n`);
    const args = [
      "trigger",
      "custom",
      "--secret-file",
      file,
      "--set",
      "title=Set by hand",
      "--set",
      "labels.host=db-1",
    ];
    expect(await cli.rows([...args, "--count", "3", "--rate", "100"])).toHaveLength(3);
    const made = await incident((row) => row.title === "Set by hand");
    expect(made.labels).toMatchObject({ host: "db-1" });
    writeFileSync(file, "another secret of sixteen characters");
    expect((await cli.run(args)).code).toBe(3);
    expect((await cli.run(["trigger", "custom", "--resolve"])).code).toBe(2);
    expect((await cli.run(["trigger", "nagios"])).code).toBe(2);
  });
});

describe("incidents, receipts, deliveries, endpoints and keys", () => {
  it("merges one incident into another and takes that back", { timeout: 60_000 }, async () => {
    const [one, other] = [
      await node.call("POST", "/incidents", { title: "Mails wait", severity: "high" }),
      await node.call("POST", "/incidents", { title: "Mail server is slow", severity: "low" }),
    ];
    const merged = await cli.run(["incident", "merge", String(one.number), `#${String(other.number)}`]);
    expect(merged.errors).toContain(`incident ${String(one.number)} is part of ${String(other.number)}`);
    expect((await cli.rows(["incident", "get", String(one.number)]))[0]).toMatchObject({ merged_into_id: other.id });
    const back = await cli.run(["incident", "unmerge", String(one.number)]);
    expect(back.errors).toContain(`incident ${String(one.number)} is open`);
    expect((await cli.rows(["incident", "get", String(one.id)]))[0]).toMatchObject({ merged_into_id: null });
    expect((await cli.run(["incident", "unmerge", String(one.id)])).code).toBe(0);
    expect((await cli.run(["incident", "merge", String(one.id), String(one.id)])).code).toBe(1);
  });

  it("can be worked with from the command line", { timeout: 90_000 }, async () => {
    receiver.respondWith({ status: 500 });
    const endpoint = await node.call("POST", "/endpoints", {
      name: "tickets",
      url: `${receiver.url}/tickets`,
      events: ["incident.acknowledged"],
      retry: { max_attempts: 1 },
    });
    await cli.rows(["trigger", "custom", "--set", "title=\u001b[31mRed\u001b[0m"]);
    const opened = await incident((row) => String(row.title).includes("Red"));
    const number = String(opened.number);
    const table = await cli.run(["incident", "list", "--search", number]);
    expect(table.output).toContain("Red");
    expect(table.output).not.toContain("\u001b");
    expect((await cli.run(["incident", "ack", `#${number}`])).code).toBe(0);
    expect((await cli.run(["incident", "note", number, "looks", "bad"])).code).toBe(0);
    const [got] = await cli.rows(["incident", "get", number]);
    expect(got).toMatchObject({ id: opened.id, status: "acknowledged" });
    expect((await cli.run(["incident", "resolve", String(opened.id)])).code).toBe(0);

    const [receipt] = await cli.rows(["receipt", "list", "--limit", "1", "--since", "1h"]);
    const [full] = await cli.rows(["receipt", "get", String(receipt?.id)]);
    expect(full).toHaveProperty("trace");
    expect(await cli.rows(["receipt", "replay", String(receipt?.id), "--dry-run"])).toMatchObject([{ dry_run: true }]);

    const list = ["delivery", "list", "--endpoint", String(endpoint.id), "--status", "exhausted"];
    const failed = await until(async () => (await cli.rows(list))[0]);
    expect(await cli.rows(["endpoint", "recover", "tickets", "--dry-run"])).toMatchObject([
      { dry_run: true, matched: 1 },
    ]);
    receiver.respondWith({ status: 200 });
    expect((await cli.run(["delivery", "retry", String(failed.id), "-q"])).errors).toBe("");
    await receiver.waitFor((request) => request.headers["webhook-id"] === failed.id && request.index > 0);
    expect((await cli.rows(["delivery", "get", String(failed.id)]))[0]).toHaveProperty("attempts");
    expect((await cli.rows(["endpoint", "list"])).map((row) => row.name)).toContain("tickets");

    const made = await cli.run(["key", "create", "ci", "--role", "viewer", "--expires", "1d"]);
    const key = made.output.trim();
    expect(made.errors).not.toContain(key);
    expect((await cli.run(["incident", "list"], { env: { OVERWATCH_API_KEY: key } })).code).toBe(0);
    const row = (await cli.rows(["key", "list"])).find(({ name }) => name === "ci");
    expect((await cli.run(["key", "revoke", String(row?.id)])).code).toBe(0);
    expect((await cli.run(["incident", "list"], { env: { OVERWATCH_API_KEY: key } })).code).toBe(3);
  });

  it("can be followed live", { timeout: 60_000 }, async () => {
    const receipts = cli.start(["tail", "receipts", "--json"]);
    await receipts.waitFor((text) => text.includes("following receipts"), "errors");
    const [sent] = await cli.rows(["trigger", "datadog"]);
    await receipts.waitFor((text) => text.includes(String(sent?.receipt_id)));
    expect((await receipts.stop()).code).toBe(0);
  });
});

describe("doctor", () => {
  it("finds a healthy server healthy, and names what is wrong otherwise", async () => {
    const well = await cli.run(["doctor"]);
    expect(well.code, well.output).toBe(0);
    expect(well.output).toContain("database");
    const ill = await cli.run(["doctor"], { env: { OVERWATCH_URL: "http://127.0.0.1:9", OVERWATCH_COLOUR: "red" } });
    expect(ill.code).toBe(1);
    expect(ill.output).toMatch(/failed.*OVERWATCH_COLOUR/);
    expect(ill.output).toMatch(/failed.*127\.0\.0\.1:9/);
  });
});

describe("listen", () => {
  it("forwards each event signed by a secret that stays, says what it does, and goes on after a restart of the server", {
    timeout: 120_000,
  }, async () => {
    receiver.respondWith({ status: 200 });
    const secret = (await cli.run(["listen", "--print-secret"])).output.trim();
    expect((await cli.run(["listen", "--print-secret"])).output.trim()).toBe(secret);
    const readyFile = join(cli.home, "listen-ready.json");
    const to = `${receiver.url}/local`;
    const listening = cli.start([
      "listen",
      "--forward-to",
      to,
      "--events",
      "incident.*",
      "--ready-file",
      readyFile,
      "--json",
    ]);
    expect(JSON.parse(await listening.waitForFile(readyFile))).toMatchObject({ url: node.url, forward_to: to });
    const words = await listening.waitFor((text) => text.includes("\n"), "errors");
    for (const part of [node.url, to, "listen-secret", "Ctrl+C stops"]) expect(words.split("\n")[0]).toContain(part);
    await cli.rows(["trigger", "custom", "--set", "title=Heard by listen"]);
    const isAbout = (title: string) => (request: { url: string; body: Buffer }) =>
      request.url === "/local" && request.body.toString().includes(title);
    const request = await receiver.waitFor(isAbout("Heard by listen"));
    new Webhook(secret).verify(request.body.toString(), request.headers as Record<string, string>);
    expect(JSON.parse(request.body.toString())).toMatchObject({ type: "incident.created" });
    const told = await listening.waitFor((text) => text.includes("Heard by listen"));
    expect(JSON.parse(told.split("\n")[0] ?? "")).toMatchObject({ resend: false, forwarded: { status: 200 } });

    // What somebody sends again arrives here, too, and says so.
    const { id } = await node.call("POST", "/endpoints", { name: "resent", url: `${receiver.url}/resent` });
    await node.call("POST", "/incidents", { title: "Sent twice", severity: "low" });
    await receiver.waitFor((got) => got.url === "/resent");
    const span = { since: new Date(Date.now() - 3_600_000).toISOString(), ids: "fresh", status: ["succeeded"] };
    const preview = () => node.call("POST", `/endpoints/${String(id)}/recover`, { ...span, dry_run: true });
    await until(async () => (await preview()).matched !== 0);
    await node.call("POST", `/endpoints/${String(id)}/recover`, span);
    await receiver.waitFor((got) => got.url === "/local" && got.headers["overwatch-resend"] === "true");

    await node.stop();
    await listening.waitFor((text) => text.includes("trying again"), "errors");
    node = await cluster.start({ PORT: String(node.port) });
    await node.call("POST", "/incidents", { title: "After the restart", severity: "low" });
    await receiver.waitFor(isAbout("After the restart"));
    expect((await listening.stop()).code).toBe(0);
  });

  it("takes over an endpoint's choice, template and methods, and a filter of one's own", {
    timeout: 60_000,
  }, async () => {
    await node.call("POST", "/endpoints", {
      name: "for listen",
      url: `${receiver.url}/unused`,
      events: ["incident.created", "incident.resolved"],
      filter: "incident.severity == 'critical'",
      template: { title: "{{incident.title}}" },
      overrides: { "incident.resolved": { method: "PATCH", template: { closed: "{{incident.title}}" } } },
    });
    const to = `${receiver.url}/templated`;
    const options = ["--endpoint", "for listen", "--filter", "incident.title != 'Not wanted'", "--forward-to", to];
    const listening = cli.start(["listen", ...options]);
    await listening.waitFor((text) => text.includes("listening"), "errors");
    for (const title of ["Not wanted", "Wanted"]) {
      await node.call("POST", "/incidents", { title, severity: "critical" });
    }
    const minor = await node.call("POST", "/incidents", { title: "Minor", severity: "low" });
    const wanted = await incident((row) => row.title === "Wanted");
    for (const { id } of [minor, wanted]) await node.call("POST", `/incidents/${String(id)}/resolve`, {});
    await receiver.waitFor((request) => request.url === "/templated" && request.method === "PATCH");
    const got = receiver.requests.filter((request) => request.url === "/templated");
    expect(got.map(({ method, body }) => [method, body.toString()])).toEqual([
      ["POST", '{"title":"Wanted"}'],
      ["PATCH", '{"closed":"Wanted"}'],
    ]);
    await listening.stop();
  });

  it("says at once what it cannot do", async () => {
    expect((await cli.run(["listen", "--filter", "incident.titel == ''"])).code).toBe(2);
    expect((await cli.run(["listen", "--events", "incident.closed"])).code).toBe(2);
    expect((await cli.run(["listen", "--endpoint", "nobody"])).code).toBe(4);
    expect((await cli.run(["listen"], { env: { OVERWATCH_URL: "http://127.0.0.1:9" } })).code).toBe(5);
  });
});
