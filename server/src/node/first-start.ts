import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hashApiKey, hintOfApiKey, makeApiKey } from "../api/api-key.ts";
import { makeOneTimeLink } from "../api/one-time-link.ts";
import type { Config } from "../config.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import type { Ids } from "../runtime/id.ts";
import { writePrivateFile } from "../runtime/secret-key.ts";
import { countLiveAdminKeys, findApiKeyByHash, insertApiKey } from "../store/api-keys.ts";
import { ensureDefaultOrganization } from "../store/organizations.ts";
import { hasUsers } from "../store/users.ts";

/** What the first start left for its user. */
export type FirstStart = {
  readonly organizationId: string;
  /** The file that holds an admin key which was made because nobody gave one; null when there is none. */
  readonly keyFile: string | null;
  /** By which the first administrator is made; null once there is one, and where a key is configured instead. */
  readonly setupToken: string | null;
};

/** Where the made admin key is kept. */
export function adminKeyPath(dataDir: string): string {
  return join(dataDir, "admin-api-key");
}

/**
 * Makes the default organization, and an admin key for it: the configured one, or, when the organization has no admin
 * key at all, one of its own that goes to a private file and never to the log. While nobody can sign in and no key is
 * configured, every start makes a new link by which the first administrator is made.
 */
export async function prepareFirstStart(deps: {
  readonly database: Database;
  readonly config: Config;
  readonly clock: Clock;
  readonly ids: Ids;
}): Promise<FirstStart> {
  const { database, config, clock, ids } = deps;
  const now = clock.now();
  const path = adminKeyPath(config.dataDir);
  return database.transaction(async (tx) => {
    const organization = await ensureDefaultOrganization(tx, ids.next(), now);
    const add = async (name: string, key: string): Promise<void> => {
      const keyHash = hashApiKey(key);
      if ((await findApiKeyByHash(tx, keyHash)) !== null) return;
      await insertApiKey(tx, {
        organizationId: organization.id,
        id: ids.next(),
        name,
        role: "admin",
        keyHash,
        keyHint: hintOfApiKey(key),
        createdAt: now,
        expiresAt: null,
        createdBy: null,
      });
    };
    if (config.bootstrapApiKey !== null) {
      await add("bootstrap", config.bootstrapApiKey);
    } else if ((await countLiveAdminKeys(tx, organization.id, now)) === 0 && !existsSync(path)) {
      const key = makeApiKey(randomBytes);
      writePrivateFile(config.dataDir, path, `${key}\n`);
      await add("first start", key);
    }
    const isOpen = config.bootstrapApiKey === null && !(await hasUsers(tx, organization.id));
    const setup = { organizationId: organization.id, purpose: "setup", userId: null } as const;
    const link = isOpen ? await makeOneTimeLink({ ids, randomBytes }, tx, setup, now) : null;
    return {
      organizationId: organization.id,
      keyFile: existsSync(path) ? path : null,
      setupToken: link?.token ?? null,
    };
  });
}
