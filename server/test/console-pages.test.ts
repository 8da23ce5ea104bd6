import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsolePages } from "../src/console/pages.ts";

const SCRIPT = "document.title = 1;";
const PAGE = `<!doctype html><script>${SCRIPT}</script><script type="module" src="/assets/a-1.js"></script>`;
const HTML = { accept: "text/html,application/xhtml+xml" };

let folder = "";
let server: Server;
let url = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "console-pages-"));
  mkdirSync(join(folder, "dist/assets"), { recursive: true });
  writeFileSync(join(folder, "secret.js"), "secret");
  writeFileSync(join(folder, "dist/index.html"), PAGE);
  writeFileSync(join(folder, "dist/assets/a-1.js"), "let a;");
  writeFileSync(join(folder, "dist/assets/a-1.js.gz"), gzipSync("let a;"));
  const pages = createConsolePages(join(folder, "dist"));
  const none = createConsolePages(join(folder, "missing"));
  server = createServer((request, response) => {
    const chosen = request.headers["x-build"] === "missing" ? none : pages;
    if (chosen.handles(request)) chosen.handle(request, response);
    else response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the pages of the console", () => {
  it.each(["/", "/incidents", "/incidents/1?tab=alerts", "/apis"])("are one page under %s", async (path) => {
    const answer = await fetch(url + path, { headers: HTML });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await answer.text()).toBe(PAGE);
  });

  it("may run their own scripts only, and nothing may frame them", async () => {
    const answer = await fetch(url, { headers: HTML });
    const policy = answer.headers.get("content-security-policy") ?? "";
    const hash = createHash("sha256").update(SCRIPT).digest("base64");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src 'self' 'sha256-${hash}';`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("upgrade-insecure-requests");
    expect(policy).not.toMatch(/https?:/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("are not sent again when the browser has them", async () => {
    const etag = (await fetch(url, { headers: HTML })).headers.get("etag") ?? "";
    const answer = await fetch(url, { headers: { ...HTML, "if-none-match": etag } });
    expect(answer.status).toBe(304);
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  it.each([
    ["a path of the API", "/api/v1/incidents", HTML],
    ["an unknown path of the API", "/api/nothing", HTML],
    ["the health of the node", "/readyz", HTML],
    ["a program", "/incidents", { accept: "application/json" }],
    ["a program that takes anything", "/", { accept: "*/*" }],
  ])("leave %s alone", async (_what, path, headers) => {
    expect((await fetch(url + path, { headers })).status).toBe(204);
  });

  it("leave a change alone", async () => {
    expect((await fetch(`${url}/incidents`, { method: "POST", headers: HTML })).status).toBe(204);
  });

  it("say how to build them when nobody did", async () => {
    const answer = await fetch(url, { headers: { ...HTML, "x-build": "missing" } });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("npm run build");
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  });
});

describe("an asset", () => {
  it("is kept for good and comes compressed", async () => {
    const answer = await fetch(`${url}/assets/a-1.js`, { headers: { "accept-encoding": "gzip" } });
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(answer.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(await answer.text()).toBe("let a;");
  });

  it.each(["identity", "gzip;q=0", ""])("comes plain where %j is accepted", async (accepted) => {
    const answer = await fetch(`${url}/assets/a-1.js`, { headers: { "accept-encoding": accepted } });
    expect(answer.headers.get("content-encoding")).toBeNull();
    expect(await answer.text()).toBe("let a;");
  });

  it.each(["/assets/gone-1.js", "/assets/a-1.map", "/assets/a-1"])("that is not there is 404: %s", async (path) => {
    const answer = await fetch(url + path);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it.each(["/assets/..%2f..%2fsecret.js", "/assets/.hidden", "/assets/%2e%2e/secret.js", "/assets/a/../../secret.js"])(
    "is never outside of the folder: %s",
    async (path) => {
      const answer = await fetch(url + path);
      expect(await answer.text()).not.toContain("secret");
      expect([204, 404]).toContain(answer.status);
    },
  );

  it("answers HEAD without a body", async () => {
    const answer = await fetch(`${url}/assets/a-1.js`, { method: "HEAD", headers: { "accept-encoding": "identity" } });
    expect(answer.headers.get("content-length")).toBe("6");
    expect(await answer.text()).toBe("");
  });
});
