import { describe, expect, it } from "vitest";
import { axeCheck, pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";
import { invite, PASSWORD, PEOPLE } from "./support/people.ts";

describe.skipIf(!isBrowserHere)("access to the console", () => {
  const kit = useConsole();

  it("begins with the first administrator, whom the one-time link makes", async () => {
    // A link that does not work says so before anything is filled in, and how to get one that does.
    kit.expectComplaint(/ 404 /);
    const expired = await kit.open("/setup?token=expired", { as: null });
    await expired.getByRole("heading", { name: "This link does not work" }).waitFor();
    await expired.getByText("overwatch setup-link", { exact: true }).waitFor();
    await pageCheck(expired, "setup-link-over");
    const { pathname, search } = new URL(await kit.run("setup-link"));
    const page = await kit.open(pathname + search, { as: null });
    await page.getByLabel("Name").fill("Grace Olsen");
    await pageCheck(page, "setup");
    await page.getByLabel("Email").fill("grace@example.test");
    await page.getByLabel(/^Password/).fill("password1234");
    kit.expectComplaint(/ 422 /);
    await page.getByRole("button", { name: "Make the administrator" }).click();
    await page
      .getByLabel(/^Password/)
      .and(page.locator("[aria-invalid=true]"))
      .waitFor();
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await page.getByRole("button", { name: "Make the administrator" }).click();
    await page.getByRole("button", { name: /Grace Olsen/ }).waitFor();
    // The walk to the first webhook begins; it can be skipped.
    await page.waitForURL("**/integrations/new");
    // The token is used up and gone from the address.
    await page.goto(pathname + search);
    await page.getByRole("heading", { name: "Already set up" }).waitFor();
  });

  it("asks who is there, and goes on to the page that was wanted", async () => {
    const page = await kit.open("/incidents?status=resolved", { as: null });
    await page.getByLabel("Email").fill("grace@example.test");
    await page.getByLabel(/^Password/).fill("not this one at all");
    await pageCheck(page, "sign-in");
    kit.expectComplaint(/ 401 /);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Email or password is not right").waitFor();
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL("**/incidents?status=resolved");
    await page.getByRole("heading", { name: "Incidents" }).waitFor();
  });

  it("never leads to another host after the sign-in", async () => {
    for (const next of ["//evil.test/", "/\\evil.test", "https://evil.test/"]) {
      const page = await kit.open(`/sign-in?next=${encodeURIComponent(next)}`, { as: null });
      await page.getByLabel("Email").fill("grace@example.test");
      await page.getByLabel(/^Password/).fill(PASSWORD);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("button", { name: /Grace Olsen/ }).waitFor();
      expect(new URL(page.url()).origin).toBe(kit.node.url);
    }
  });

  it("says in words why an identity provider's sign-in failed", async () => {
    const page = await kit.open("/sign-in?error=not_invited", { as: null });
    await page.getByRole("alert").getByText("Nobody has invited you yet").waitFor();
    await axeCheck(page);
  });

  it("takes people in by invites, which work once", async () => {
    const token = await invite(kit.node, "responder");
    const page = await kit.open(`/invite?token=${token}`, { as: null });
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await pageCheck(page, "invite");
    await page.getByRole("button", { name: "Set the password and sign in" }).click();
    await page.getByRole("button", { name: new RegExp(PEOPLE.responder.name) }).waitFor();
    kit.expectComplaint(/ 404 /);
    const other = await kit.open(`/invite?token=${token}`, { as: null });
    await other.getByRole("heading", { name: "This link does not work" }).waitFor();
    expect(await other.getByLabel(/^Password/).count()).toBe(0);
  });

  it("ends by signing out", async () => {
    const page = await kit.open("/", { as: "viewer" });
    await page.getByRole("button", { name: new RegExp(PEOPLE.viewer.name) }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.waitForURL("**/sign-in");
    kit.expectComplaint(/ 401 /);
    await page.goto("/incidents");
    await page.waitForURL("**/sign-in?next=**");
  });
});
