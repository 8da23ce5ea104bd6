import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where the operator's secret key came from. */
export type SecretKey = { readonly value: string; readonly source: string };

/** The file in the data directory that holds a key which Overwatch made itself. */
export function secretKeyPath(dataDir: string): string {
  return join(dataDir, "secret.key");
}

/**
 * The key from the configuration, else from the data directory. A new one is made (file mode 0600) only when
 * `mayCreate` says that nothing was sealed with another; returns null when there is none and none may be made.
 */
export function loadSecretKey(configured: string | null, dataDir: string, mayCreate: boolean): SecretKey | null {
  if (configured !== null) return { value: configured, source: "OVERWATCH_SECRET_KEY" };
  const path = secretKeyPath(dataDir);
  const present = readIfPresent(path);
  if (present !== null) return { value: present, source: path };
  if (!mayCreate) return null;
  const value = randomBytes(32).toString("base64url");
  writePrivateFile(dataDir, path, `${value}\n`);
  return { value, source: path };
}

/** Writes a file that only its owner can read; fails when it is there already. */
export function writePrivateFile(directory: string, path: string, content: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  writeFileSync(path, content, { mode: 0o600, flag: "wx" });
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
