import { describe, expect, it } from "vitest";
import { pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";
import { PASSWORD } from "./support/people.ts";

describe.skipIf(!isBrowserHere)("settings", () => {
  const kit = useConsole();

  it("invites a person by a link that is shown once, and whoever opens it signs in by the new password", async () => {
    const page = await kit.open("/settings?tab=people");
    await page.getByRole("button", { name: "Invite a person" }).click();
    await page.getByLabel("Name").fill("Nils Lund");
    await page.getByLabel("Email").fill("nils@example.test");
    await page.getByRole("button", { name: "Make the link" }).click();
    const shown = page.getByRole("dialog", { name: "The link of the invite" });
    const link = (await shown.getByText(/\/invite\?token=/).textContent()) ?? "";
    expect(await shown.getByRole("button", { name: "Done" }).isDisabled()).toBe(true);
    expect(await shown.getByText(/\.env|where your secrets are/).count()).toBe(0);
    await shown.getByLabel("I passed it on").check();
    await shown.getByRole("button", { name: "Done" }).click();
    await shown.waitFor({ state: "detached" });
    // Two dialogs after another lead back to the button that opened the first.
    await page.locator("button:focus", { hasText: "Invite a person" }).waitFor();
    await page.getByText("Invited", { exact: true }).waitFor();
    expect(await page.content()).not.toContain("token=");

    const theirs = await kit.open(new URL(link).pathname + new URL(link).search, { as: null });
    await theirs.getByLabel(/^Password/).fill("a quiet walk at noon");
    await theirs.getByRole("button", { name: "Set the password and sign in" }).click();
    await theirs.waitForURL((url) => url.pathname === "/");
    await page.reload();
    await page.getByRole("combobox", { name: "Role of Nils Lund" }).waitFor();
    await pageCheck(page, "settings-people");
  });

  it("disables a person with an undo, and removes only after the address was typed", async () => {
    await kit.node.call("POST", "/users", { name: "Otto Vik", email: "otto@example.test", role: "viewer" });
    const page = await kit.open("/settings?tab=people");
    await page.getByRole("button", { name: "Actions for Otto Vik" }).click();
    await page.getByRole("menuitem", { name: "Disable" }).click();
    await page.getByText("Disabled", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Disabled", { exact: true }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Actions for Otto Vik" }).click();
    await page.getByRole("menuitem", { name: "Remove" }).click();
    const dialog = page.getByRole("dialog", { name: "Remove Otto Vik" });
    const remove = dialog.getByRole("button", { name: "Remove the person" });
    expect(await remove.isDisabled()).toBe(true);
    await dialog.getByLabel(/otto@example.test/).fill("otto@example.test");
    await remove.click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("otto@example.test").waitFor({ state: "detached" });
  });

  it("makes a key that works, shows it once, and revokes it by its name", async () => {
    const page = await kit.open("/settings?tab=keys");
    await page.getByRole("button", { name: "Make a key" }).click();
    await page.getByLabel("Name").fill("deploy script");
    await page.getByRole("button", { name: "Make the key" }).click();
    const shown = page.getByRole("dialog", { name: "The new API key" });
    const key = (await shown.getByText(/^ow_live_/).textContent()) ?? "";
    const ask = async (): Promise<number> =>
      (await fetch(`${kit.node.url}/api/v1/incidents`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await ask()).toBe(200);
    await shown.getByLabel("I saved it").check();
    await shown.getByRole("button", { name: "Done" }).click();
    await shown.waitFor({ state: "detached" });
    await pageCheck(page, "settings-keys");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("button", { name: "Revoke deploy script" }).click();
    const dialog = page.getByRole("dialog", { name: "Revoke deploy script" });
    await dialog.getByLabel(/deploy script/).fill("deploy script");
    await dialog.getByRole("button", { name: "Revoke the key" }).click();
    await page.getByText("Revoked", { exact: true }).waitFor();
    expect(await ask()).toBe(401);
  });

  it("lists secrets by their age with the way to rotate them, and says how long things are kept", async () => {
    const path = "/endpoints";
    const old = await kit.node.call("POST", path, { name: "Old desk", url: "https://example.com/" });
    await kit.node.call("POST", path, { name: "New desk", url: "https://example.com/" });
    await kit.node.call("POST", `${path}/${String(old.id)}/rotate-secret`, {});
    const page = await kit.open("/settings?tab=secrets");
    const table = page.getByRole("table", { name: "Secrets of endpoints" });
    await table.getByRole("link", { name: "Old desk" }).waitFor();
    // Rotated, it is the youngest.
    expect(await table.getByRole("link").allTextContents()).toEqual(["New desk", "Old desk"]);
    expect(await table.getByText("Two are valid").count()).toBe(1);
    await page.getByText("secret.key").waitFor();
    await pageCheck(page, "settings-secrets");
    await page.setViewportSize({ width: 1280, height: 800 });
    await table.getByRole("link", { name: "Old desk" }).click();
    await page.getByRole("button", { name: "Rotate the secret" }).waitFor();
    await page.goto("/settings?tab=retention");
    await page.getByText("Resolved incidents").waitFor();
    expect(await page.getByText("400 days").count()).toBe(2);
    await pageCheck(page, "settings-retention");
  });

  it("changes one's own password and says at its field what is wrong with it", async () => {
    const page = await kit.open("/settings", { as: "viewer" });
    kit.expectComplaint(/ 4\d\d .*\/session\/password$/);
    await page.getByLabel("Current password").fill("not the one it is");
    await page.getByLabel("New password").fill("seven quiet lighthouses");
    await page.getByRole("button", { name: "Change the password" }).click();
    await page
      .getByText(/password is wrong/i)
      .first()
      .waitFor();
    await page.getByLabel("Current password").fill(PASSWORD);
    await page.getByRole("button", { name: "Change the password" }).click();
    await page.getByText("The password is changed; all other sessions have ended.").waitFor();
    await page.getByText("This one").waitFor();
  });

  it("shows sessions and preferences to everybody, and no keys to those who are no administrators", async () => {
    const page = await kit.open("/settings", { as: "responder" });
    await page.getByText("This one").waitFor();
    expect(await page.getByRole("link", { name: "API keys" }).count()).toBe(0);
    await page.getByText("UTC", { exact: true }).click();
    await pageCheck(page, "settings-profile");
    await page.goto("/settings?tab=people");
    await page.getByText("Rui Costa (you)").waitFor();
    expect(await page.getByRole("button", { name: "Invite a person" }).count()).toBe(0);
  });
});
