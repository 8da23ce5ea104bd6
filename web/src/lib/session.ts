import { queryOptions, useQuery } from "@tanstack/react-query";
import type { SessionWire } from "../../../server/src/api/contract.ts";
import { ApiFailure, change, get, setCsrfToken } from "./api.ts";
import { queryClient } from "./query-client.ts";

/** What people may do, from the least to the most; each may do what those before it may. */
export const ROLES = ["viewer", "responder", "admin"] as const;

/** What somebody may do. */
export type Role = (typeof ROLES)[number];

/** Who is signed in. */
export type Session = SessionWire;

/** The session, null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const session = await get<Session>("/session", { signal });
      setCsrfToken(session.csrf_token);
      return session;
    } catch (error) {
      if (error instanceof ApiFailure && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
});

/** Signs in by password. */
export function signIn(email: string, password: string): Promise<void> {
  return startSession("/session", { email, password });
}

/** Calls what answers with a session, such as the acceptance of an invite, and is signed in by it. */
export async function startSession(path: string, body: unknown): Promise<void> {
  const session = await change<Session>("POST", path, body);
  // Whatever somebody else read in this tab before is not this person's.
  queryClient.clear();
  setCsrfToken(session.csrf_token);
  queryClient.setQueryData(sessionQuery.queryKey, session);
}

/** Signs out and forgets everything that was read. */
export async function signOut(): Promise<void> {
  await change("DELETE", "/session");
  setCsrfToken(null);
  queryClient.clear();
}

/** The session of a page behind the sign-in, null for the moment in which it is not known. */
export function useSession(): Session | null {
  return useQuery(sessionQuery).data ?? null;
}

/** True when the signed-in person has the role or more; use it to hide what would be refused. */
export function useIsAllowed(role: Role): boolean {
  const session = useSession();
  return session !== null && isRoleEnough(session.user.role, role);
}

/** True when a role covers the one that is asked for. */
export function isRoleEnough(held: Role, asked: Role): boolean {
  return ROLES.indexOf(held) >= ROLES.indexOf(asked);
}
