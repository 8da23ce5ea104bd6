import { argon2, randomBytes, timingSafeEqual } from "node:crypto";

/** What hashing a password costs. */
export type PasswordCost = { readonly memoryKib: number; readonly passes: number; readonly lanes: number };

/** Hashes and checks passwords, a few at a time and never on the event loop. */
export type Passwords = {
  /** The hash as it is stored: algorithm, parameters, salt and hash in one text (PHC string format). */
  hash(password: string): Promise<string>;
  /** Compares; a null hash takes as long and is never right. `isOutdated` says that today's parameters are others. */
  check(password: string, hash: string | null): Promise<{ readonly isRight: boolean; readonly isOutdated: boolean }>;
};

/** Thrown when so many passwords wait that whoever comes now should come again later. */
export class PasswordsBusyError extends Error {
  override readonly name = "PasswordsBusyError";
}

/** The least that OWASP advises for argon2id: 19 MiB, two passes, one lane; about 40 ms. */
export const PASSWORD_COST: PasswordCost = { memoryKib: 19_456, passes: 2, lanes: 1 };

const MOST_AT_ONCE = 2;
const MOST_WAITING = 64;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const SHAPE = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Makes a hasher; the password must be normalized already. */
export function createPasswords(cost: PasswordCost = PASSWORD_COST): Passwords {
  const inTurn = createTurns();
  // Compared when there is no account, so that an answer takes as long as if there were one.
  const nobody = formatHash(cost, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(SALT_BYTES);
        return formatHash(cost, salt, await derive(password, salt, cost, HASH_BYTES));
      }),
    check: (password, hash) =>
      inTurn(async () => {
        const stored = parseHash(hash ?? nobody);
        if (stored === null) return { isRight: false, isOutdated: true };
        const found = await derive(password, stored.salt, stored.cost, stored.hash.length);
        const isRight = timingSafeEqual(found, stored.hash) && hash !== null;
        const { memoryKib, passes, lanes } = stored.cost;
        const isOutdated = memoryKib !== cost.memoryKib || passes !== cost.passes || lanes !== cost.lanes;
        return { isRight, isOutdated };
      }),
  };
}

function derive(password: string, salt: Buffer, cost: PasswordCost, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2(
      "argon2id",
      {
        message: Buffer.from(password, "utf8"),
        nonce: salt,
        memory: cost.memoryKib,
        passes: cost.passes,
        parallelism: cost.lanes,
        tagLength: bytes,
      },
      (error, hash) => (error === null ? resolve(hash) : reject(error)),
    );
  });
}

function formatHash(cost: PasswordCost, salt: Buffer, hash: Buffer): string {
  const plain = (bytes: Buffer): string => bytes.toString("base64").replaceAll("=", "");
  return `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=${cost.lanes}$${plain(salt)}$${plain(hash)}`;
}

function parseHash(text: string): { cost: PasswordCost; salt: Buffer; hash: Buffer } | null {
  const [, memory, passes, lanes, salt, hash] = SHAPE.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return null;
  return {
    cost: { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) },
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
}

/** Lets a few run at a time and the others wait: each takes 19 MiB and a thread that files and names also need. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= MOST_AT_ONCE) {
      if (waiting.length >= MOST_WAITING) throw new PasswordsBusyError("too many passwords wait to be hashed");
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
