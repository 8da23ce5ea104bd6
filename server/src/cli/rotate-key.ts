import { placeOfAnswer } from "../api/idempotency.ts";
import { readConfig } from "../config.ts";
import { openStorageBeside, openVault } from "../node/storage.ts";
import type { Queryable } from "../runtime/database.ts";
import { createLog } from "../runtime/log.ts";
import { resealAnswers, resealSecrets } from "../store/resealing.ts";
import { replaceSetting } from "../store/settings.ts";

/** Seals everything with OVERWATCH_SECRET_KEY that OVERWATCH_SECRET_KEY_OTHER sealed; safe to repeat and to interrupt. */
export async function rotateKey(): Promise<void> {
  const read = readConfig();
  if (!read.ok) {
    process.stderr.write(`${read.problems.join("\n")}\n`);
    process.exitCode = 2;
    return;
  }
  const { config } = read;
  if (config.secretKey === null || config.otherSecretKey === null) {
    process.stderr.write("Set OVERWATCH_SECRET_KEY to the new key and OVERWATCH_SECRET_KEY_OTHER to the one in use.\n");
    process.exitCode = 2;
    return;
  }
  const storage = await openStorageBeside(config, createLog("error"));
  try {
    const { database } = storage;
    const vault = await openVault(database, config);
    const untilNone = async (step: (tx: Queryable) => Promise<number>): Promise<number> => {
      for (let done = 0; ; ) {
        const count = await database.transaction(step);
        if (count === 0) return done;
        done += count;
      }
    };
    const secrets = await untilNone((tx) => resealSecrets(tx, vault.header, vault.reseal));
    const answers = await untilNone((tx) => resealAnswers(tx, vault.header, vault.reseal, placeOfAnswer));
    await replaceSetting(database, "secret_key_check", vault.checkValue);
    process.stdout.write(`sealed anew: ${secrets} secrets, ${answers} kept answers\n`);
    process.stderr.write("Once every node runs with this OVERWATCH_SECRET_KEY, remove OVERWATCH_SECRET_KEY_OTHER.\n");
  } catch (error) {
    process.stderr.write(`The key was not rotated: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await storage.close();
  }
}
