import { randomBytes } from "node:crypto";
import { linkUrl, makeOneTimeLink } from "../api/one-time-link.ts";
import { normalizeEmail } from "../api/sign-in.ts";
import { readConfig } from "../config.ts";
import { openStorageBeside } from "../node/storage.ts";
import { createNodeClock } from "../runtime/clock.ts";
import { createIds } from "../runtime/id.ts";
import { createLog } from "../runtime/log.ts";
import { deleteLinksOfUser } from "../store/one-time-links.ts";
import { ensureDefaultOrganization } from "../store/organizations.ts";
import { findUserByEmail, hasUsers, insertUser, type User, updateUser } from "../store/users.ts";

/** Prints a link for whoever operates this installation: for the first administrator, or for one who is locked out. */
export async function printSetupLink(options: { readonly email?: string }): Promise<void> {
  const read = readConfig();
  if (!read.ok) {
    process.stderr.write(`${read.problems.join("\n")}\n`);
    process.exitCode = 2;
    return;
  }
  const { config } = read;
  const storage = await openStorageBeside(config, createLog("error"));
  try {
    const clock = createNodeClock();
    const deps = { ids: createIds(clock), randomBytes };
    const now = clock.now();
    const made = await storage.database.transaction(async (tx) => {
      const { id: organizationId } = await ensureDefaultOrganization(tx, deps.ids.next(), now);
      if (options.email === undefined) {
        if (await hasUsers(tx, organizationId)) return null;
        const link = await makeOneTimeLink(deps, tx, { organizationId, purpose: "setup", userId: null }, now);
        return { purpose: "setup", token: link.token, note: "makes the first administrator" } as const;
      }
      const email = normalizeEmail(options.email);
      const found = await findUserByEmail(tx, organizationId, email);
      const user = found ?? newAdmin(organizationId, deps.ids.next(), email, now);
      if (found === null) await insertUser(tx, user);
      // Whoever can run this can read the database as well, so nothing is given away.
      else await updateUser(tx, { ...user, role: "admin", disabledAt: null }, now);
      await deleteLinksOfUser(tx, user);
      const link = await makeOneTimeLink(deps, tx, { organizationId, purpose: "reset", userId: user.id }, now);
      return { purpose: "reset", token: link.token, note: `sets a password for the administrator ${email}` } as const;
    });
    if (made === null) {
      process.stderr.write(
        "People are set up already. Name who is to be an administrator: setup-link --email <address>\n",
      );
      process.exitCode = 2;
      return;
    }
    const host = config.host.includes(":") ? `[${config.host}]` : config.host;
    process.stderr.write(`This link ${made.note}; it works once, for a day:\n`);
    process.stdout.write(`${linkUrl(config.publicUrl ?? `http://${host}:${config.port}`, made.purpose, made.token)}\n`);
  } finally {
    await storage.close();
  }
}

function newAdmin(organizationId: string, id: string, email: string, now: number): User {
  return {
    organizationId,
    id,
    name: email,
    email,
    role: "admin",
    passwordHash: null,
    oidcIssuer: null,
    oidcSubject: null,
    createdAt: now,
    updatedAt: now,
    disabledAt: null,
    lastSignedInAt: null,
    version: 1,
  };
}
