import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PROGRAM, type Program } from "./node-process.ts";

/** A change of the program that breaks one of its promises, to see that a test notices. */
export type PlantedBug = {
  /** A sentence that says what the broken program does. */
  readonly name: string;
  /** A file below `server/src`. */
  readonly file: string;
  /** Texts of that file, each of which must stand there exactly once, and what replaces them. */
  readonly replace: readonly (readonly [from: string, to: string])[];
};

/** The program with the bug in it. */
export type BrokenProgram = {
  readonly program: Program;
  remove(): void;
};

const SOURCES = join(import.meta.dirname, "../../src");

/**
 * Plants a bug into the program as it is loaded, so that everything else of it comes from the cache of what is compiled;
 * throws when the text that it changes is no longer there.
 */
export function plant(bug: PlantedBug): BrokenProgram {
  const path = join(SOURCES, bug.file);
  let text = readFileSync(path, "utf8");
  for (const [from, to] of bug.replace) {
    if (text.split(from).length !== 2) {
      throw new Error(`"${bug.name}" changes text that is not exactly once in ${bug.file}: ${from}`);
    }
    text = text.replace(from, () => to);
  }
  const folder = mkdtempSync(join(tmpdir(), "overwatch-bug-"));
  const loader = join(folder, "loader.mjs");
  writeFileSync(loader, loaderOf(pathToFileURL(path).href, text));
  return {
    program: ["--import", pathToFileURL(loader).href, ...PROGRAM],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A module that makes Node load this text instead of the file's. */
function loaderOf(url: string, text: string): string {
  return `import { registerHooks } from "node:module";
registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    return url === ${JSON.stringify(url)} ? { ...loaded, source: ${JSON.stringify(text)} } : loaded;
  },
});
`;
}
