import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type FakeIssuer, startFakeIssuer } from "../../server/test/support/fake-issuer.ts";
import { axeCheck, pageCheck } from "./support/checks.ts";
import { isBrowserHere, useConsole } from "./support/console-kit.ts";

describe.skipIf(!isBrowserHere)("signing in at an identity provider", () => {
  let issuer: FakeIssuer;
  const kit = useConsole(async () => {
    // Tokens are judged by the machine's own clock.
    issuer = await startFakeIssuer(Date.now);
    return {
      OVERWATCH_OIDC_ISSUER: issuer.url,
      OVERWATCH_OIDC_CLIENT_ID: "overwatch",
      OVERWATCH_OIDC_CLIENT_SECRET: "hush hush",
      OVERWATCH_OIDC_ROLE_CLAIM: "groups",
    };
  });
  afterEach(() => {
    issuer.faults = {};
  });
  afterAll(() => issuer.close());

  const ada = { sub: "ada", email: "ada.lind@example.test", email_verified: true, name: "Ada Lind" };
  const goThere = async (path = "/incidents?status=resolved") => {
    const page = await kit.open(path, { as: null });
    // The page of the provider is on another host by intention; a browser may ask it for its icon as well.
    kit.expectComplaint(new RegExp(`(another host|in the browser).*${issuer.url}`));
    await page.getByRole("link", { name: `Sign in at ${new URL(issuer.url).host}` }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    return page;
  };

  it("says that the provider is away, and that the password works meanwhile", async () => {
    issuer.faults = { isAway: true };
    const page = await kit.open("/sign-in", { as: null });
    await page.getByRole("link", { name: /^Sign in at/ }).click();
    await page.getByRole("alert").getByText("The identity provider cannot be reached").waitFor();
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    await pageCheck(page, "sign-in-provider-away");
  });

  it("leads there and back to the page that was wanted, in the role that the provider gives", async () => {
    issuer.person = { ...ada, groups: ["staff", "responder"] };
    const page = await goThere();
    await page.waitForURL(`${kit.node.url}/incidents?status=resolved`);
    await page.getByRole("button", { name: /Ada Lind/ }).click();
    await page.getByText("responder").first().waitFor();
    // A role without the rights of an administrator sees none of their pages.
    expect((await page.request.get("/api/v1/api-keys")).status()).toBe(403);
    // Another role ends the sessions of the one before.
    await page.close();
    issuer.person = { ...ada, groups: ["admin"] };
    const later = await goThere("/settings?tab=keys");
    await later.getByRole("button", { name: "Make a key" }).waitFor();
  });

  it("lets nobody in who was not invited and has no role there", async () => {
    issuer.person = { ...ada, sub: "eve", email: "eve@example.test", groups: ["staff"] };
    const page = await goThere();
    await page.getByRole("alert").getByText("Nobody has invited you yet").waitFor();
    expect(new URL(page.url()).pathname).toBe("/sign-in");
    expect((await page.request.get("/api/v1/session")).status()).toBe(401);
  });

  it.each([
    ["an answer to another question", { state: "x".repeat(43) }],
    ["a token made for another visit", { nonce: "x".repeat(43) }],
    ["a token that somebody else signed", { isForged: true }],
  ])("refuses %s, says so, and lets one begin again", async (_what, faults) => {
    issuer.person = { ...ada, groups: ["responder"] };
    issuer.faults = faults;
    const page = await goThere();
    await page.getByRole("alert").getByText("The identity provider's sign-in was refused").waitFor();
    await axeCheck(page);
    expect((await page.request.get("/api/v1/session")).status()).toBe(401);
    issuer.faults = {};
    await page.getByRole("link", { name: /^Sign in at/ }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: /Ada Lind/ }).waitFor();
  });
});
