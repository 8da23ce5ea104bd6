import type { BrowserContext } from "playwright-core";
import { ADMIN_KEY, type NodeProcess } from "../../../server/test/support/node-process.ts";
import type { Role } from "../../src/lib/session.ts";

/** Signs somebody of a role in, in this browser context. */
export async function signInAs(context: BrowserContext, node: NodeProcess, role: Role): Promise<void> {
  const { key } = role === "admin" ? { key: ADMIN_KEY } : await makeKey(node, role);
  await context.setExtraHTTPHeaders({ authorization: `Bearer ${key}` });
  const session = {
    user: { id: "0", name: "Ada Lovelace", email: "ada@example.test", role },
    organization: { id: "0", name: "Example" },
    csrf_token: "token",
  };
  await context.route("**/api/v1/session", (route) => route.fulfill({ json: session }));
}

async function makeKey(node: NodeProcess, role: Role): Promise<{ readonly key: string }> {
  const { key } = await node.call("POST", "/api-keys", { name: `e2e ${role}`, role });
  return { key: String(key) };
}
