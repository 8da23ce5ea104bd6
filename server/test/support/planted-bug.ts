import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A change of the program that breaks one of its promises, to see that a test notices. */
export type PlantedBug = {
  /** A sentence that says what the broken program does. */
  readonly name: string;
  /** A file below `server/src`. */
  readonly file: string;
  /** Texts of that file, each of which must stand there exactly once, and what replaces them. */
  readonly replace: readonly (readonly [from: string, to: string])[];
};

/** A copy of the program with the bug in it. */
export type BrokenProgram = {
  /** Its main file. */
  readonly program: string;
  remove(): void;
};

const SERVER = join(import.meta.dirname, "../..");
const ROOT = join(SERVER, "..");

/** Copies the program and plants the bug; throws when the text that it changes is no longer there. */
export function plant(bug: PlantedBug): BrokenProgram {
  const folder = mkdtempSync(join(tmpdir(), "overwatch-bug-"));
  const copy = join(folder, "server");
  for (const part of ["src", "migrations", "package.json"]) {
    cpSync(join(SERVER, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const path = join(copy, "src", bug.file);
  let text = readFileSync(path, "utf8");
  for (const [from, to] of bug.replace) {
    if (text.split(from).length !== 2) {
      rmSync(folder, { recursive: true });
      throw new Error(`"${bug.name}" changes text that is not exactly once in ${bug.file}: ${from}`);
    }
    text = text.replace(from, () => to);
  }
  writeFileSync(path, text);
  return { program: join(copy, "src/main.ts"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
