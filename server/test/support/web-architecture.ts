import { dirname, posix } from "node:path";
import type { SourceFile } from "./architecture.ts";

/** The only file of the server that the console may know, and only its types. */
const CONTRACT = "../../server/src/api/contract.ts";
const LINE_LIMIT = 400;
const BANNED_NAMES = "hook job task data item manager service util utils common helper helpers index".split(" ");

/** What the files of one folder of `web/src` may import besides their own folder. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  ui: ["lib"],
  app: ["lib", "ui"],
  // A feature also hangs its routes below the two parents; other features it never knows.
  features: ["lib", "ui", "app/parent-routes.tsx"],
  routes: ["features", "app"],
  "main.tsx": ["lib", "ui", "app", "routes"],
};

/** Everything in the console's sources, with paths from `web/src`, that the rules of the house forbid. */
export function findWebViolations(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => [...violationsOfShape(file), ...violationsOfImports(file)]);
}

function violationsOfShape({ path, text }: SourceFile): readonly string[] {
  const found: string[] = [];
  const name = posix.basename(path).replace(/(\.test|\.module)?\.(tsx?|css)$/, "");
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) found.push(`${path} is not named in kebab-case`);
  if (BANNED_NAMES.includes(name)) found.push(`${path} has a name that says nothing`);
  const lines = text.split("\n").length - 1;
  if (lines > LINE_LIMIT) found.push(`${path} has ${lines} lines, more than ${LINE_LIMIT}`);
  if (/dangerouslySetInnerHTML|\.(inner|outer)HTML\s*=|\beval\(|new Function\(/.test(text)) {
    found.push(`${path} makes code or HTML of text`);
  }
  return found;
}

function violationsOfImports({ path, text }: SourceFile): readonly string[] {
  if (/\.(test\.tsx?|css)$/.test(path)) return [];
  return [...text.matchAll(/(import|export)(\s+type)?\s[^;]*?\bfrom\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/g)].flatMap(
    (match) => {
      const target = match[3] ?? match[4] ?? "";
      const resolved = posix.normalize(posix.join(dirname(path), target));
      const problem = problemOf(path, resolved, match[2] !== undefined);
      return problem === null ? [] : [`${path} imports ${target}: ${problem}`];
    },
  );
}

function problemOf(path: string, resolved: string, isType: boolean): string | null {
  if (resolved === CONTRACT) return isType ? null : "the console takes only types from the server";
  if (resolved.startsWith("..")) return "it is outside the console";
  const folder = folderOf(path);
  const other = folderOf(resolved);
  if (folder === "features" && other === "features") {
    return featureOf(path) === featureOf(resolved) ? null : "features never import features";
  }
  if (folder === other) return null;
  const allowed = FOLDERS[folder];
  if (allowed === undefined) return `${folder} is not in the import table`;
  return allowed.includes(other) || allowed.includes(resolved) ? null : `${folder} may not import ${other}`;
}

function folderOf(path: string): string {
  return path.split("/")[0] ?? path;
}

function featureOf(path: string): string | undefined {
  return path.split("/")[1];
}
