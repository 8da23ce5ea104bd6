import type { Role } from "../../lib/session.ts";

/** What each role may do, in words. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: "reads everything but secrets and API keys",
  responder: "acts on incidents, replays receipts, retries deliveries",
  admin: "also sets up integrations, endpoints, people and keys",
};
