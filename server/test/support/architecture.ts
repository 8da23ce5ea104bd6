import { dirname, posix } from "node:path";

/** A source file: its path from `server/src`, with slashes, and its text. */
export type SourceFile = { readonly path: string; readonly text: string };

/** What the files of one room may import. A room is a folder of `server/src`; a file of `server/src` is its own room. */
export type Room = {
  /** Other rooms, or single files of them. Files of its own room are always allowed. */
  readonly rooms: readonly string[] | "any";
  /** Packages of npm. */
  readonly packages: readonly string[] | "any";
  /** Whether `node:` modules are allowed. */
  readonly node: boolean;
};

const PLATFORM_FACE = ["platforms/registry.ts", "platforms/platform.ts", "platforms/verification.ts"];
const STAGE = ["core", "expression", "store", "runtime", "reading", "announce", ...PLATFORM_FACE];
const ANYTHING: Room = { rooms: "any", packages: "any", node: true };

/** The import table. Stages never import each other: they meet in PostgreSQL, so each can crash and scale alone. */
export const ROOMS: Readonly<Record<string, Room>> = {
  core: { rooms: [], packages: [], node: false },
  platforms: { rooms: ["core"], packages: [], node: false },
  expression: { rooms: ["core"], packages: ["@marcbachmann/cel-js", "re2js"], node: false },
  runtime: {
    rooms: ["core"],
    packages: ["pg", "node-pg-migrate", "pino", "@prometheus-io/client", "undici"],
    node: true,
  },
  store: { rooms: ["core", "runtime"], packages: ["pg", "sql-template-tag"], node: true },
  reading: {
    // Mapped payloads go to the custom platform, which the mapping stands for.
    rooms: ["core", "expression", "runtime", ...PLATFORM_FACE, "platforms/custom/custom.ts"],
    packages: [],
    node: true,
  },
  announce: { rooms: ["core", "expression", "store", "runtime"], packages: [], node: true },
  presets: { rooms: ["core"], packages: [], node: false },
  receive: { rooms: STAGE, packages: [], node: true },
  triage: { rooms: STAGE, packages: [], node: true },
  deliver: { rooms: STAGE.filter((room) => !room.startsWith("platforms")), packages: [], node: true },
  api: {
    rooms: [...STAGE, "presets"],
    packages: ["fastify", "@fastify/ajv-compiler", "@fastify/swagger", "openid-client", "typebox"],
    node: true,
  },
  console: { rooms: [], packages: [], node: true },
  "config.ts": { rooms: ["core"], packages: [], node: true },
  node: ANYTHING,
  cli: ANYTHING,
  "app.ts": ANYTHING,
  "main.ts": ANYTHING,
};

/** Rooms at the top: they import anything and nothing below imports them. */
const TOP = ["node", "cli", "app.ts", "main.ts"];
/** Only here may SQL stand, apart from `store`. */
const SQL_FILES = ["runtime/migrate.ts", "runtime/schema-dump.ts", "runtime/embedded-postgres.ts"];
const BANNED_NAMES = "hook job task data item manager service util utils common helper helpers index".split(" ");
/** The server calls out from behind its guard alone; the command line calls what its user names, from one file. */
const MAY_CALL_OUT = /^(runtime\/egress(\/|[.-])|cli\/http-client\.ts$)/;
const LINE_LIMIT = 400;

const SQL =
  /\b(select\s[^;]*\sfrom\s|insert\s+into\s|update\s+[a-z_]+\s+set\s|delete\s+from\s|(create|alter|drop)\s+(table|index|database)\s)/;
const OUTGOING =
  /\bfetch\(|\bnew WebSocket\(|from "(undici|node:(https|http2|tls|dgram|dns|dns\/promises))"|\b(http|https|net|tls)\.(request|get|connect|createConnection)\(|\{[^}]*\b(request|connect|createConnection|get)\b[^}]*\} from "node:(http|net)"/;
const CLOCK_OR_CHANCE = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/;
const IMPURE = /\bprocess\.|\bperformance\.|\bset(Timeout|Interval)\(/;

/** Everything in the files that the rules of the house forbid, one sentence each. */
export function findViolations(files: readonly SourceFile[]): readonly string[] {
  return [...files.flatMap(violationsOf), ...findCycles(files)];
}

function violationsOf(file: SourceFile): readonly string[] {
  const found = violationsOfShape(file);
  if (isTest(file.path)) return found;
  const code = withoutComments(file.text);
  const room = roomOf(file.path);
  for (const target of importsOf(code)) {
    const problem = problemOfImport(file.path, target);
    if (problem !== null) found.push(`${file.path} imports ${target}: ${problem}`);
  }
  const rule = (isBroken: boolean, sentence: string): void => {
    if (isBroken) found.push(`${file.path} ${sentence}`);
  };
  rule(room !== "config.ts" && /\bprocess\s*\.\s*env\b|from "node:process"/.test(code), "reads the environment");
  rule(room !== "runtime" && !TOP.includes(room) && CLOCK_OR_CHANCE.test(code), "takes time or chance by itself");
  rule(room === "core" && IMPURE.test(code), "touches the process");
  const isSqlAllowed = room === "store" || SQL_FILES.includes(file.path);
  rule(!isSqlAllowed && literalsOf(code).some((literal) => SQL.test(literal)), "holds SQL");
  rule(!MAY_CALL_OUT.test(file.path) && OUTGOING.test(code), "opens outgoing sockets");
  return found;
}

/** The rules that tests keep as well. */
function violationsOfShape(file: SourceFile): string[] {
  const found: string[] = [];
  const name = posix.basename(file.path).replace(/(\.test)?\.ts$/, "");
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) found.push(`${file.path} is not named in kebab-case`);
  if (BANNED_NAMES.includes(name)) found.push(`${file.path} has a name that says nothing`);
  const lines = file.text.split("\n").length - 1;
  if (lines > LINE_LIMIT) found.push(`${file.path} has ${lines} lines, more than ${LINE_LIMIT}`);
  return found;
}

function problemOfImport(path: string, target: string): string | null {
  const room = ROOMS[roomOf(path)];
  if (room === undefined) return `${roomOf(path)} is not in the import table`;
  if (target.startsWith("node:")) return room.node ? null : `${roomOf(path)} may not import node:`;
  if (!target.startsWith(".")) {
    const name = target.split("/", target.startsWith("@") ? 2 : 1).join("/");
    return room.packages === "any" || room.packages.includes(name) ? null : `${roomOf(path)} may not import packages`;
  }
  const resolved = resolveImport(path, target);
  if (resolved.startsWith("..")) return "it is outside the sources";
  const other = roomOf(resolved);
  if (room.rooms === "any") return null;
  if (TOP.includes(other)) return "nothing imports what puts the parts together";
  if (other === roomOf(path)) return problemBetweenPlatforms(path, resolved);
  return room.rooms.includes(other) || room.rooms.includes(resolved) ? null : `${roomOf(path)} may not import ${other}`;
}

/** A platform knows itself and what all platforms share; only the registry knows the platforms. */
function problemBetweenPlatforms(path: string, resolved: string): string | null {
  if (roomOf(path) !== "platforms" || path === "platforms/registry.ts") return null;
  const folder = dirname(resolved);
  return folder === "platforms" || folder === dirname(path) ? null : "a platform may not import another";
}

/** Every way through the imports that comes back to where it began; imports of types and late ones count. */
export function findCycles(files: readonly SourceFile[]): readonly string[] {
  const edges = new Map<string, readonly string[]>();
  for (const { path, text } of files) {
    const targets = importsOf(withoutComments(text)).filter((target) => target.startsWith("."));
    edges.set(
      path,
      targets.map((target) => resolveImport(path, target)),
    );
  }
  const cycles: string[] = [];
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push(`a cycle: ${[...trail.slice(start), path].join(" → ")}`);
    if (start >= 0 || finished.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
}

function roomOf(path: string): string {
  return path.split("/")[0] ?? path;
}

function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

function resolveImport(path: string, target: string): string {
  return posix.normalize(posix.join(dirname(path), target));
}

function importsOf(code: string): readonly string[] {
  return [...code.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)"([^"]+)"/g)].map((match) => match[1] ?? "");
}

const TOKENS = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

function withoutComments(text: string): string {
  return text.replace(TOKENS, (token) => (token.startsWith("/") ? " " : token));
}

function literalsOf(code: string): readonly string[] {
  return [...code.matchAll(TOKENS)].map((match) => match[0]).filter((token) => !token.startsWith("/"));
}
