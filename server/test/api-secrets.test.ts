import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roleInDocs } from "../src/api/register-route.ts";
import { ERRORS } from "../src/core/errors.ts";
import { sql, trusted } from "../src/store/sql.ts";
import { type ApiKit, createApiKit } from "./support/api-kit.ts";

let kit: ApiKit;
beforeAll(async () => {
  kit = await createApiKit();
});
afterAll(() => kit.close());

const canary = (name: string): string => `CANARY-${name}-0123456789`;

describe("secrets", () => {
  it("are in the answer that made them and in no other answer, log line or column", async () => {
    const headers = { Authorization: `Bearer ${canary("header")}`, "X-Mixed": `{{ v }}${canary("mixed")}` };
    const endpoint = { url: "https://x.example/", headers, variables: { v: canary("variable") } };
    const made: string[] = [];
    const create = async (path: string, body: object): Promise<string> => {
      const reply = await kit.ask({ method: "POST", path, body });
      expect(reply.status).toBe(201);
      for (const field of ["signing_secret", "token", "password", "secret", "key", "webhook_config.secret"]) {
        const value = reply.at(field);
        if (typeof value === "string") made.push(value);
      }
      return reply.str("id");
    };
    const shared = { name: "i", platform: "custom" };
    const ids = [
      await create("/integrations", { ...shared, signing_secret: canary("signing"), webhook_config: endpoint }),
      await create("/integrations", { ...shared, verification: { type: "token", token: canary("token") } }),
      await create("/integrations", {
        ...shared,
        verification: { type: "basic", username: "u", password: canary("password") },
      }),
    ];
    const endpointId = await create("/endpoints", { ...endpoint, name: "e" });
    await create("/api-keys", { name: "k", role: "viewer" });
    expect(made).toHaveLength(6);
    // What follows is searched: everything that can be read, and everything that acts on these things.
    kit.answers.length = 0;
    for (const id of ids) {
      await kit.ask({ path: `/integrations/${id}` });
      await kit.ask({ method: "PATCH", path: `/integrations/${id}`, body: { name: "renamed" } });
      await kit.ask({ method: "POST", path: `/integrations/${id}/test`, body: {} });
      await kit.ask({ method: "POST", path: `/integrations/${id}/preview`, body: { payload: { title: "t" } } });
    }
    await kit.triage.runOnce();
    await kit.ask({ path: `/endpoints/${endpointId}` });
    await kit.ask({ method: "PATCH", path: `/endpoints/${endpointId}`, body: { headers } });
    await kit.ask({ method: "PATCH", path: `/endpoints/${endpointId}`, body: { ...endpoint, url: "nonsense" } });
    await kit.ask({ method: "POST", path: `/endpoints/${endpointId}/test`, body: {} });
    for (const route of kit.routes.filter((one) => one.method === "GET" && !one.path.includes("{"))) {
      const list = await kit.ask({ path: `${route.path}` });
      const rows = list.at("data");
      if (!Array.isArray(rows)) continue;
      const one = kit.routes.find((other) => other.method === "GET" && other.path === `${route.path}/{id}`);
      for (const row of rows)
        if (one !== undefined) await kit.ask({ path: `${route.path}/${String((row as { id: string }).id)}` });
    }
    expect(kit.answers.length).toBeGreaterThan(40);
    const names = ["header", "mixed", "variable", "signing", "token", "password"];
    const secrets = [...names.map(canary), ...made, kit.home.keys.admin];
    const said = kit.answers.join("\n");
    const written = JSON.stringify(kit.logged);
    const stored = await dump();
    for (const secret of secrets) {
      expect(said.includes(secret), `${secret} in an answer`).toBe(false);
      expect(written.includes(secret), `${secret} in the log`).toBe(false);
      expect(stored.includes(secret), `${secret} in the database`).toBe(false);
    }
    expect(stored).toContain("renamed");
  });
});

/** Everything in the database as text, bytes included as they are. */
async function dump(): Promise<string> {
  const tables = await kit.database.rows<{ name: string }>(sql`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`);
  const parts: string[] = [];
  for (const { name } of tables) {
    const rows = await kit.database.rows<object>(sql`select * from ${trusted(`"${name}"`)}`);
    for (const row of rows) {
      for (const value of Object.values(row))
        parts.push(Buffer.isBuffer(value) ? value.toString("latin1") : JSON.stringify(value));
    }
  }
  return parts.join("\n");
}

describe("docs/api.md", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/api.md"), "utf8");

  it("lists every call with its role, and no other", () => {
    const listed = [...text.matchAll(/^\| `((?:GET|POST|PATCH|DELETE) [^`]+)` \| (\w+) \|/gm)].map(
      (row) => `${row[1]} ${row[2]}`,
    );
    expect(listed.sort()).toEqual(
      kit.routes.map((route) => `${route.method} ${route.path} ${roleInDocs(route)}`).sort(),
    );
  });

  it("names only codes that exist", () => {
    const codes = [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map((match) => match[1] ?? "");
    expect(codes.length).toBeGreaterThan(2);
    for (const code of codes) expect(Object.keys(ERRORS)).toContain(code);
  });
});
