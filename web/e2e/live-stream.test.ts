import { describe, expect, it } from "vitest";
import { layCable } from "./support/cable.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";
import { createCustomSource } from "./support/custom-source.ts";

describe.skipIf(!isBrowserHere)("a live stream that breaks", () => {
  const kit = useConsole();

  it("says so, comes back by itself, and shows what happened meanwhile", async () => {
    const cable = await layCable(kit.node.port);
    kit.expectComplaint(new RegExp(`^a request to another host: ${cable.url}/`));
    kit.expectComplaint(/net::ERR_/);
    try {
      const { id } = await kit.node.call("POST", "/incidents", { title: "Disk of db-1 fills", severity: "high" });
      const page = await kit.open("/settings");
      await page.goto(`${cable.url}/incidents`);
      await page.getByRole("link", { name: "Disk of db-1 fills" }).waitFor();
      await page.getByRole("button", { name: "Live", exact: true }).waitFor();
      cable.cut();
      await page.getByRole("button", { name: "Reconnecting" }).waitFor();
      await page.getByText("Not connected: what is shown may be out of date.").waitFor();
      // What was there stays there to be read.
      expect(await page.getByRole("link", { name: "Disk of db-1 fills" }).isVisible()).toBe(true);
      await kit.node.call("POST", "/incidents", { title: "Queue grows while nobody hears", severity: "high" });
      await kit.node.call("POST", `/incidents/${id}/resolve`);
      cable.mend();
      await page.getByRole("button", { name: "Live", exact: true }).waitFor();
      await page.getByRole("link", { name: "Queue grows while nobody hears" }).waitFor();
      await page.getByRole("link", { name: "Disk of db-1 fills" }).waitFor({ state: "detached" });
      await page.getByText("Not connected").waitFor({ state: "detached" });
      // And it goes on living.
      await kit.node.call("POST", "/incidents", { title: "After the break", severity: "low" });
      await page.getByText(/1 new/).waitFor();
    } finally {
      await cable.close();
    }
  });

  it("says so at once when the device goes off the network, and catches up when it is back", async () => {
    kit.expectComplaint(/net::ERR_/);
    const page = await kit.open("/incidents");
    await page.getByRole("button", { name: "Live", exact: true }).waitFor();
    await page.context().setOffline(true);
    await page.getByRole("button", { name: "Reconnecting" }).waitFor();
    await kit.node.call("POST", "/incidents", { title: "While the phone was in a tunnel", severity: "high" });
    await page.context().setOffline(false);
    await page.getByRole("button", { name: "Live", exact: true }).waitFor();
    await page.getByRole("link", { name: "While the phone was in a tunnel" }).waitFor();
  });

  it("keeps the rows of a tail where they are, says that it is away, and catches up", async () => {
    const cable = await layCable(kit.node.port);
    kit.expectComplaint(new RegExp(`^a request to another host: ${cable.url}/`));
    kit.expectComplaint(/net::ERR_/);
    try {
      const source = await createCustomSource(kit.node, "tail of receipts");
      await source.send({ id: "before-1", dedup_key: "a", title: "Before the break" });
      const page = await kit.open("/settings");
      await page.goto(`${cable.url}/receipts`);
      await page.getByRole("link", { name: "Before the break" }).waitFor();
      await page.getByText("Following").waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      cable.cut();
      await page.getByRole("button", { name: "Follow" }).click();
      await page.getByRole("button", { name: "Reconnecting" }).first().waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await source.send({ id: "during-1", dedup_key: "b", title: "During the break" });
      cable.mend();
      await page.getByRole("button", { name: "1 new" }).waitFor();
      expect(await page.getByRole("link", { name: "During the break" }).count()).toBe(0);
      await page.getByRole("button", { name: "Follow" }).click();
      await page.getByRole("link", { name: "During the break" }).waitFor();
      await page.getByText("Following").waitFor();
      await source.send({ id: "after-1", dedup_key: "c", title: "After the break" });
      await page.getByRole("link", { name: "After the break" }).waitFor();
    } finally {
      await cable.close();
    }
  });
});
