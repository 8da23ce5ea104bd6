import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Receiver, startReceiver } from "../../server/test/support/receiver.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";
import { createCustomSource } from "./support/custom-source.ts";
import { invite } from "./support/people.ts";

const WEB = join(import.meta.dirname, "..");
const MOST_BYTES = 200_000;
const MOST_EDITOR_BYTES = 150_000;

/** Every page by its route and parameters, with a text that is there when the page is whole. */
const PAGES: readonly (readonly [route: string, search: string, whole: string])[] = [
  ["/sign-in", "", "Password"],
  ["/setup", "", "Already set up"],
  ["/invite", "?token=$inviteToken", "Set the password and sign in"],
  ["/", "", "Disk full on db-1"],
  ["/incidents", "", "Disk full on db-1"],
  ["/incidents/$incidentId", "", "Disk full on db-1"],
  ["/incidents/$incidentId", "?tab=alerts", "disk"],
  ["/incidents/$incidentId", "?tab=deliveries", "incident.created"],
  ["/incidents/$incidentId", "?tab=why", "Disk full on db-1"],
  ["/alerts", "", "Disk full on db-1"],
  ["/alerts/$alertId", "", "Disk full on db-1"],
  ["/integrations", "", "Storage watch"],
  ["/integrations/new", "", "Grafana"],
  ["/integrations/new", "?platform=custom", "Proof"],
  ["/integrations/$integrationId", "", "Last receipts"],
  ["/integrations/$integrationId", "?tab=setup", "Webhook URL"],
  ["/integrations/$integrationId", "?tab=settings", "Delete the integration"],
  ["/integrations/$integrationId", "?tab=mapping", "Mapping"],
  ["/integrations/$integrationId", "?tab=refusals", "Nothing was refused"],
  ["/receipts", "", "disk"],
  ["/receipts/$receiptId", "", "What was made of it"],
  ["/receipts/$receiptId", "?tab=read", "Disk full on db-1"],
  ["/receipts/$receiptId", "?tab=difference", "one before"],
  ["/endpoints", "", "Ticket desk"],
  ["/endpoints/new", "", "Slack"],
  ["/endpoints/new", "?preset=generic", "Create the endpoint"],
  ["/endpoints/$endpointId", "", "Last 24 hours"],
  ["/endpoints/$endpointId", "?tab=settings", "Delete the endpoint"],
  ["/endpoints/$endpointId", "?tab=template", "Preview"],
  ["/endpoints/$endpointId", "?tab=secret", "Rotate the secret"],
  ["/endpoints/$endpointId", "?tab=recovery", "Nothing waits"],
  ["/deliveries", "", "incident.created"],
  ["/deliveries/$deliveryId", "", "webhook-id"],
  ["/bulk-runs", "", "Bulk runs"],
  ["/settings", "", "Sessions"],
  ["/settings", "?tab=people", "Invite a person"],
  ["/settings", "?tab=keys", "Make a key"],
  ["/audit", "", "Ticket desk"],
  ["/system", "", "Configuration"],
];

describe.skipIf(!isBrowserHere)("the script that a page loads", () => {
  const kit = useConsole();
  const ids: Record<string, string> = {};
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await startReceiver({ respond: { status: 200 } });
    const first = async (path: string): Promise<Record<string, unknown>> => {
      for (;;) {
        const { data } = await kit.node.call("GET", path);
        const [one] = data as Record<string, unknown>[];
        if (one !== undefined) return one;
      }
    };
    const endpoint = await kit.node.call("POST", "/endpoints", {
      name: "Ticket desk",
      url: receiver.url,
      events: ["incident.created"],
    });
    const source = await createCustomSource(kit.node, "Storage watch");
    await source.send({ id: "disk", title: "Disk full on db-1" });
    Object.assign(ids, {
      endpointId: endpoint.id,
      integrationId: source.integrationId,
      deliveryId: (await first("/deliveries?status=succeeded")).id,
      incidentId: (await first("/incidents")).id,
      alertId: (await first("/alerts")).id,
      receiptId: (await first("/receipts")).id,
      inviteToken: await invite(kit.node, "viewer"),
    });
  });
  afterAll(() => receiver.close());

  it("is measured on every page that there is", () => {
    const routes = globSync("src/features/*/routes.ts", { cwd: WEB })
      .flatMap((file) => [...readFileSync(join(WEB, file), "utf8").matchAll(/^ {2}path: "([^"]+)"/gm)])
      .map(([, path]) => path);
    expect(routes.length).toBeGreaterThan(20);
    expect([...new Set(PAGES.map(([route]) => route))].sort()).toEqual(routes.sort());
  });

  it("is at most 200 kB compressed on each, and an editor at most 150 kB more", async () => {
    const signedIn = await kit.open("/no/such/page");
    await signedIn.getByText("There is no such page").waitFor();
    const nobody = await kit.open("/no/such/page", { as: null });
    await nobody.getByText("There is no such page").waitFor();
    const tooMuch: string[] = [];
    for (const [route, search, whole] of PAGES) {
      const isOpen = ["/sign-in", "/setup", "/invite"].includes(route);
      const path = (route + search).replaceAll(/\$(\w+)/g, (_all, name: string) => ids[name] ?? name);
      const { bytes, editorBytes } = await measure(isOpen ? nobody : signedIn, path, whole);
      if (bytes > MOST_BYTES) tooMuch.push(`${route}${search}: ${bytes} bytes`);
      if (editorBytes > MOST_EDITOR_BYTES) tooMuch.push(`${route}${search}: ${editorBytes} bytes of editor`);
    }
    expect(tooMuch).toEqual([]);
  });
});

/** Opens a page as for the first time, and sums up all scripts that it has fetched once it is whole. */
async function measure(
  page: Page,
  path: string,
  whole: string,
): Promise<{ readonly bytes: number; readonly editorBytes: number }> {
  await page.goto(path);
  await page.getByText(whole).or(page.getByLabel(whole)).filter({ visible: true }).first().waitFor();
  await page.locator("[role=status][aria-label^='Reading ']").first().waitFor({ state: "detached" });
  const scripts = await page.evaluate(() =>
    performance.getEntriesByType("resource").flatMap(({ name }) => {
      const { pathname } = new URL(name);
      return pathname.endsWith(".js") ? [pathname] : [];
    }),
  );
  expect(scripts.length, path).toBeGreaterThan(1);
  let [bytes, editorBytes] = [0, 0];
  for (const script of new Set(scripts)) {
    const { size } = statSync(join(WEB, "dist", `${script}.gz`));
    if (/\/code-mirror-/.test(script)) editorBytes += size;
    else bytes += size;
  }
  return { bytes, editorBytes };
}
