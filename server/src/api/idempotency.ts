import { createHash } from "node:crypto";
import { OverwatchError } from "../core/errors.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database, Transaction } from "../runtime/database.ts";
import type { SecretPlace, Vault } from "../runtime/secrets.ts";
import { claimIdempotencyKey, deleteOldIdempotencyKeys, saveIdempotentAnswer } from "../store/idempotency.ts";
import { invalidField } from "./error-answer.ts";
import type { Answer } from "./route.ts";

/** A request that names itself by an Idempotency-Key. */
export type IdempotentRequest = {
  readonly organizationId: string;
  readonly key: string;
  /** Method, path and body: what must be equal for the stored answer to be given again. */
  readonly parts: readonly [method: string, path: string, body: string];
};

const KEEP_MS = 24 * 3_600_000;

// Constraints whose violation the routes' own transactions would retry; here the whole request is the transaction.
const RETRIED = ["incidents_open_group", "incidents_number", "alerts_dedup_key"];

/** Reads the header; null when it is absent. */
export function readIdempotencyKey(header: string | readonly string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header !== "string" || !/^[\x21-\x7e]{1,255}$/.test(header)) {
    throw invalidField("Idempotency-Key", "must be 1 to 255 visible ASCII characters");
  }
  return header;
}

/**
 * Does the work once for a key: what it writes, the key and the answer are committed together, so a request that is
 * repeated after any crash either finds its answer or starts afresh. Only successes are kept, for 24 hours, sealed.
 */
export async function answerOnce(
  deps: { readonly database: Database; readonly clock: Clock; readonly vault: Vault },
  request: IdempotentRequest,
  work: (database: Database) => Promise<Answer>,
): Promise<Answer> {
  const { organizationId, key } = request;
  const fingerprint = createHash("sha256").update(JSON.stringify(request.parts)).digest();
  const place = placeOfAnswer(organizationId, key);
  return deps.database.transaction(
    async (tx) => {
      const now = deps.clock.now();
      await deleteOldIdempotencyKeys(tx, organizationId, now - KEEP_MS);
      const stored = await claimIdempotencyKey(tx, organizationId, key, fingerprint, now);
      if (stored !== null) {
        if (!stored.fingerprint.equals(fingerprint)) throw new OverwatchError("IDEMPOTENCY_KEY_REUSED");
        const answer = JSON.parse(deps.vault.open(Buffer.from(stored.sealed, "base64"), place)) as Answer;
        return { ...answer, headers: { ...answer.headers, "idempotent-replay": "true" } };
      }
      const answer = await work(joinTransaction(deps.database, tx));
      const sealed = deps.vault.seal(JSON.stringify(answer), place).toString("base64");
      await saveIdempotentAnswer(tx, organizationId, key, { status: answer.status ?? 200, sealed });
      return answer;
    },
    { retryOn: RETRIED },
  );
}

/** The place that a kept answer's ciphertext is bound to. */
export function placeOfAnswer(organizationId: string, key: string): SecretPlace {
  return { organizationId, table: "idempotency_keys", rowId: key, field: "response" };
}

/** Does the work in one transaction, whatever transactions it opens itself. */
export function inTransaction<T>(database: Database, work: (database: Database) => Promise<T>): Promise<T> {
  return database.transaction((tx) => work(joinTransaction(database, tx)), { retryOn: RETRIED });
}

/** A database whose transactions are the one that is open already. */
function joinTransaction(database: Database, tx: Transaction): Database {
  return { ...database, rows: tx.rows, transaction: (work) => work(tx) };
}
