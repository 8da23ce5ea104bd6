import { beforeAll, describe, it } from "vitest";
import { pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";
import { type CustomSource, createCustomSource } from "./support/custom-source.ts";

describe.skipIf(!isBrowserHere)("home and alerts", () => {
  const kit = useConsole();
  let source: CustomSource;

  it("shows the first steps of an empty Overwatch", async () => {
    const page = await kit.open("/");
    await page.getByText("Connect a monitoring platform").waitFor();
    await page.getByText("All quiet: no incident is open.").waitFor();
    await pageCheck(page, "home-empty");
    await page.goto("/alerts");
    await page.getByText("Nothing fires").waitFor();
    await pageCheck(page, "alerts-quiet");
  });

  describe("with alerts", () => {
    beforeAll(async () => {
      source = await createCustomSource(kit.node, "shop checks");
      for (const [index, severity] of ["critical", "high", "high", "medium", "low"].entries()) {
        await source.send({ dedup_key: `k${index}`, severity, title: `Service ${index} does not answer` });
      }
      while (((await kit.node.call("GET", "/alerts")).data as unknown[]).length < 5);
    });

    it("shows how things stand, and changes while it is looked at", async () => {
      const page = await kit.open("/");
      const critical = page.getByRole("link", { name: /^Critical/ });
      await critical.getByText("1 open").waitFor();
      await page.getByRole("button", { name: "Live", exact: true }).waitFor();
      await pageCheck(page, "home");
      await source.send({ dedup_key: "k9", severity: "critical", title: "Nobody can sign in" });
      await critical.getByText("2 open").waitFor();
      await page.getByRole("link", { name: /Nobody can sign in/ }).waitFor();
    });

    it("lists alerts and shows one with its incident", async () => {
      const page = await kit.open("/alerts");
      await page.getByRole("link", { name: "Service 3 does not answer" }).waitFor();
      await pageCheck(page, "alerts");
      await page.getByRole("link", { name: "Service 3 does not answer" }).click();
      await page.getByRole("link", { name: "Open the incident" }).waitFor();
      await pageCheck(page, "alert");
      await page.getByRole("link", { name: "Open the incident" }).click();
      await page.getByRole("heading", { name: /Service 3 does not answer/ }).waitFor();
    });
  });
});
