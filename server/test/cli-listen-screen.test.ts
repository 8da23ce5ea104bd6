import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CliKit, createCliKit, type RunningCommand } from "./support/cli-kit.ts";
import { type Cluster, createCluster } from "./support/cluster.ts";
import { ADMIN_KEY, type NodeProcess } from "./support/node-process.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

// The full screen of `listen` in a real terminal, which `script` of util-linux makes.

const hasTerminal = spawnSync("script", ["--version"]).stdout?.toString().includes("util-linux") === true;

let cluster: Cluster;
let node: NodeProcess;
let receiver: Receiver;
let cli: CliKit;

beforeAll(async () => {
  cluster = await createCluster();
  [node, receiver] = await Promise.all([cluster.start(), startReceiver()]);
  cli = createCliKit({ OVERWATCH_URL: node.url, OVERWATCH_API_KEY: ADMIN_KEY, TERM: "xterm" });
});

afterAll(async () => {
  cli.close();
  await receiver.close();
  await cluster.close();
});

const LEFT = "\u001b[?25h\u001b[?1049l";

async function expectRestored(listening: RunningCommand): Promise<void> {
  const { code, output } = await listening.ended;
  expect(code).toBe(0);
  const after = output.slice(output.lastIndexOf(LEFT) + LEFT.length);
  expect(after, "the settings that the command has left").toMatch(/ icanon/);
  expect(after).toMatch(/[^-]echo /);
}

it.skipIf(!hasTerminal)(
  "shows events, sends one again, opens its incident, and leaves the terminal as it was",
  {
    timeout: 90_000,
  },
  async () => {
    const bin = join(cli.home, "bin");
    const opened = join(cli.home, "opened");
    mkdirSync(bin);
    writeFileSync(join(bin, "xdg-open"), `#!/bin/sh\necho "$1" > "${opened}"\n`);
    chmodSync(join(bin, "xdg-open"), 0o755);
    const env = { PATH: `${bin}:${process.env.PATH ?? ""}` };
    const to = `${receiver.url}/screen`;
    const listening = cli.start(["listen", "--forward-to", to, "--events", "incident.created"], {
      inTerminal: true,
      env,
    });
    await listening.waitFor((text) => text.includes("\u001b[?1049h") && text.includes("q quit"));
    await listening.waitFor((text) => text.includes("connected"));
    await node.call("POST", "/incidents", { title: "On the screen", severity: "low" });
    await listening.waitFor((text) => /→ 200 in \d+ ms +#\d+ On the screen/.test(text));
    listening.type("r");
    await receiver.waitFor((request) => request.url === "/screen" && request.headers["overwatch-resend"] === "true");
    await listening.waitFor((text) => text.includes("sent again: 200"));
    listening.type("d");
    await listening.waitFor((text) => text.includes('"type": "incident.created"'));
    listening.type("\u001b[B\u001b[A");
    listening.type("o");
    expect(await listening.waitForFile(opened)).toMatch(/^http.*\/incidents\//);
    listening.type("q");
    await expectRestored(listening);
  },
);

it.skipIf(!hasTerminal)(
  "leaves the terminal as it was after Ctrl+C, and writes lines where they are wanted",
  {
    timeout: 90_000,
  },
  async () => {
    const listening = cli.start(["listen"], { inTerminal: true });
    await listening.waitFor((text) => text.includes("q quit"));
    listening.type("\u0003");
    await expectRestored(listening);

    const lines = cli.start(["listen", "--plain"], { inTerminal: true });
    await lines.waitFor((text) => text.includes("Ctrl+C stops"));
    await node.call("POST", "/incidents", { title: "On a line", severity: "low" });
    const told = await lines.waitFor((text) => text.includes("On a line"));
    expect(told).not.toContain("\u001b[?1049h");
    lines.type("\u0003");
    await lines.ended;
  },
);
