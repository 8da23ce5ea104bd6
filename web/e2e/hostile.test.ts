import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../server/test/support/until.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";
import { MANY_HOSTILE_TEXTS } from "./support/many-hostile-texts.ts";
import { sendWebhook } from "./support/webhooks.ts";

const SHORT = MANY_HOSTILE_TEXTS.map((text) => text.slice(0, 200));
const LANES = 8;

describe.skipIf(!isBrowserHere)("texts that want to run", () => {
  const kit = useConsole();
  let receiver: Server;
  const made = { integrations: [] as string[], endpoints: [] as string[], receipts: [] as string[] };

  beforeAll(async () => {
    let answers = 0;
    receiver = createServer((request, response) => {
      const text = MANY_HOSTILE_TEXTS[answers++ % MANY_HOSTILE_TEXTS.length] ?? "";
      request.resume().on("end", () => {
        const headers = {
          "x-hostile": encodeAscii(text),
          location: "javascript:window.hostile=1",
          "content-type": "text/html",
        };
        response.writeHead(answers % 20 === 0 ? 400 : 200, headers).end(text);
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    await fill();
  }, 120_000);
  afterAll(() => {
    receiver.closeAllConnections();
    receiver.close();
  });

  /** Puts every text into every field that people, senders and receivers fill. */
  async function fill(): Promise<void> {
    const { node } = kit;
    const { port } = receiver.address() as AddressInfo;
    const urls: string[] = [];
    await node.call("POST", "/endpoints", {
      name: "Answers",
      url: `http://127.0.0.1:${port}/`,
    });
    await each(SHORT, async (name, index) => {
      const integration = await take("/integrations", { name, platform: "custom", verification: { type: "none" } });
      if (integration !== null) {
        made.integrations.push(String(integration.id));
        urls.push(String(integration.webhook_url));
      }
      const endpoint = await take("/endpoints", {
        name,
        url: `https://example.com/${index}`,
        events: ["incident.reopened"],
        variables: { v: name },
      });
      if (endpoint !== null) made.endpoints.push(String(endpoint.id));
      await take("/users", { name, email: `p${index}@example.test`, role: "viewer" });
      await take("/api-keys", { name, role: "viewer" });
      await take("/views", { name, page: "incidents", query: `q=${encodeURIComponent(name)}`, is_shared: true });
    });
    // What was refused was refused with a reason; most texts are fine names.
    expect(made.integrations.length).toBeGreaterThan(200);
    await each(MANY_HOSTILE_TEXTS, async (text, index) => {
      const url = urls[index % urls.length] ?? "";
      const labels = Object.fromEntries(
        SHORT.slice(index, index + 20).map((value, n) => [n % 2 === 0 ? value : `l${n}`, value]),
      );
      const links = SHORT.slice(index, index + 20).map((href) => ({ href, text: href }));
      const alert = {
        id: `a${index} ${text}`,
        title: text,
        description: text,
        severity: "high",
        status: "firing",
        labels,
        links,
      };
      made.receipts.push(
        await sendWebhook(url, alert, { "x-hostile": encodeAscii(text), "user-agent": encodeAscii(text) }),
      );
    });
    const { id } = await node.call("POST", "/incidents", {
      title: SHORT[0],
      severity: "critical",
      description: SHORT.join("\n\n"),
    });
    await each(MANY_HOSTILE_TEXTS, async (text) => {
      await take(`/incidents/${id}/notes`, { text: text.slice(0, 20_000) });
      await take(`/incidents/${id}/assign`, { assignee: text.slice(0, 200) });
    });
    made.receipts.push(String(id));
  }

  async function take(path: string, body: unknown): Promise<Record<string, unknown> | null> {
    return kit.node.call("POST", path, body).catch((error: unknown) => {
      if (/ 400|VALIDATION|INVALID/.test(String(error))) return null;
      throw error;
    });
  }

  it("run on no page, lead nowhere, and make none wider than a phone", async () => {
    expect(MANY_HOSTILE_TEXTS.length).toBeGreaterThanOrEqual(200);
    const incidentId = made.receipts.pop() ?? "";
    const newest = await newestIds(["incidents", "alerts", "deliveries"]);
    const page = await kit.open("/", { width: 360, height: 740 });
    page.on("dialog", () => expect.unreachable("a hostile text opened a dialog"));
    const paths = [
      "/",
      "/incidents?status=all",
      ...["", "?tab=alerts", "?tab=deliveries", "?tab=why"].flatMap((tab) => [`/incidents/${incidentId}${tab}`]),
      ...newest.incidents.slice(0, 6).map((id) => `/incidents/${id}`),
      "/alerts",
      ...newest.alerts.slice(0, 6).map((id) => `/alerts/${id}`),
      "/receipts",
      ...made.receipts.slice(0, 8).map((id) => `/receipts/${id}`),
      "/integrations",
      ...["", "?tab=setup", "?tab=settings", "?tab=mapping"].map(
        (tab) => `/integrations/${made.integrations[7]}${tab}`,
      ),
      "/endpoints",
      ...["", "?tab=settings", "?tab=template"].map((tab) => `/endpoints/${made.endpoints[7]}${tab}`),
      "/deliveries",
      ...newest.deliveries.slice(0, 6).map((id) => `/deliveries/${id}`),
      "/settings?tab=people",
      "/settings?tab=keys",
      "/audit",
      "/system",
    ];
    for (const path of paths) {
      await page.goto(path);
      await page.locator("main h1").waitFor();
      await page.waitForFunction(() => document.querySelector("main [role=status][aria-label^='Reading']") === null);
      expect(await findHarm(page), path).toEqual([]);
    }
  }, 240_000);

  async function newestIds(nouns: readonly ["incidents", "alerts", "deliveries"]) {
    const lists = nouns.map((noun) =>
      until(async () => {
        const { data } = await kit.node.call("GET", `/${noun}?limit=50`);
        const ids = (data as readonly { readonly id: string }[]).map(({ id }) => id);
        return ids.length >= 6 && ids;
      }),
    );
    const [incidents = [], alerts = [], deliveries = []] = await Promise.all(lists);
    return { incidents, alerts, deliveries };
  }
});

/** Walks down the page, so that every row is made once, and gives what a hostile text has reached. */
async function findHarm(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const found = new Set<string>();
    const look = (): void => {
      if ("hostile" in window) found.add("a script ran");
      for (const link of document.querySelectorAll<HTMLAnchorElement>("a[href]")) {
        if (!/^https?:$/.test(link.protocol)) found.add(`a link to ${link.href.slice(0, 80)}`);
      }
      for (const element of document.querySelectorAll("body *")) {
        if (["IFRAME", "OBJECT", "EMBED", "BASE", "IMG"].includes(element.tagName))
          found.add(`an element ${element.outerHTML.slice(0, 80)}`);
        for (const { name } of element.attributes) if (name.startsWith("on")) found.add(`a handler ${name}`);
      }
      if (document.documentElement.scrollWidth > innerWidth) {
        const wide = [...document.querySelectorAll("main *")].find(
          (one) => one.getBoundingClientRect().right > innerWidth + 1,
        );
        found.add(`wider than the window: ${wide?.outerHTML.slice(0, 160)}`);
      }
    };
    const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let step = 0; step < 60; step += 1) {
      await frame();
      look();
      const before = scrollY;
      scrollBy(0, innerHeight * 2);
      await frame();
      if (scrollY === before) break;
    }
    return [...found];
  });
}

/** Headers carry bytes of printable ASCII only. */
function encodeAscii(text: string): string {
  return (
    text
      .replaceAll(/[^\x20-\x7E]/g, "?")
      .slice(0, 1_000)
      .trim() || "-"
  );
}

async function each<Item>(items: readonly Item[], work: (item: Item, index: number) => Promise<void>): Promise<void> {
  const waiting = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
