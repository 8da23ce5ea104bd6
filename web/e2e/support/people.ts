import type { BrowserContext } from "playwright-core";
import type { NodeProcess } from "../../../server/test/support/node-process.ts";
import type { Role } from "../../src/lib/session.ts";

/** The password of everybody in these tests. */
export const PASSWORD = "four lamps over harbour";

/** Somebody of these tests, one for each role. */
export const PEOPLE = {
  viewer: { name: "Vera Holm", email: "vera@example.test" },
  responder: { name: "Rui Costa", email: "rui@example.test" },
  admin: { name: "Ada Berg", email: "ada@example.test" },
} as const satisfies Record<Role, { readonly name: string; readonly email: string }>;

type Cookies = Parameters<BrowserContext["addCookies"]>[0];

// Signing in is slow by intention, so each role does it once per node.
const cookiesByNode = new WeakMap<NodeProcess, Map<Role, Cookies>>();

/** Signs somebody of a role in, in this browser context; makes the person when there is none yet. */
export async function signInAs(context: BrowserContext, node: NodeProcess, role: Role): Promise<void> {
  const known = cookiesByNode.get(node) ?? new Map<Role, Cookies>();
  cookiesByNode.set(node, known);
  const cookies = known.get(role);
  if (cookies !== undefined) return context.addCookies(cookies);
  const token = await invite(node, role);
  const answer = await context.request.post("/api/v1/invites/accept", { data: { token, password: PASSWORD } });
  if (!answer.ok()) throw new Error(`Nobody could be signed in: ${await answer.text()}`);
  known.set(role, await context.cookies());
}

/** Makes the person of a role and gives the token of the invite. */
export async function invite(node: NodeProcess, role: Role): Promise<string> {
  const { invite_url: link } = await node.call("POST", "/users", { ...PEOPLE[role], role });
  return new URL(String(link)).searchParams.get("token") ?? "";
}
