import type { Queryable } from "../runtime/database.ts";
import { insertOneTimeLink, type LinkPurpose } from "../store/one-time-links.ts";
import { hashSecretToken, makeSecretToken } from "./secret-token.ts";

/** For how long links work. */
export const LINK_LIFE_MS = { setup: 86_400_000, invite: 7 * 86_400_000, reset: 86_400_000 } as const satisfies Record<
  LinkPurpose,
  number
>;

/** Makes a link that works once; the answer is the only copy of its token. */
export async function makeOneTimeLink(
  deps: {
    readonly ids: { next(): string };
    readonly randomBytes: (count: number) => Buffer;
  },
  tx: Queryable,
  link: { readonly organizationId: string; readonly purpose: LinkPurpose; readonly userId: string | null },
  now: number,
): Promise<{ readonly token: string; readonly expiresAt: number }> {
  const token = makeSecretToken(deps.randomBytes);
  const expiresAt = now + LINK_LIFE_MS[link.purpose];
  await insertOneTimeLink(tx, { ...link, id: deps.ids.next(), createdAt: now, expiresAt }, hashSecretToken(token));
  return { token, expiresAt };
}

/** The page that uses a link up. */
export function linkUrl(publicUrl: string, purpose: LinkPurpose, token: string): string {
  return `${publicUrl}/${purpose === "setup" ? "setup" : "invite"}?token=${token}`;
}
