import { statSync } from "node:fs";
import type { Command } from "commander";
import { type CliEnvironment, readConfig } from "../config.ts";
import { isObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { addCommand, type Cli } from "./command.ts";
import { type Connection, loginPath } from "./connection.ts";
import { CliError, EXIT } from "./exit.ts";
import { type HttpAnswer, sendHttp } from "./http-client.ts";
import { type Column, printRows } from "./print.ts";

type Finding = { readonly check: string; readonly result: "ok" | "warning" | "failed"; readonly about: string };

const TIMEOUT_MS = 5_000;
const SKEW_MS = 30_000;
const COLUMNS: readonly Column[] = [
  ["result", "result"],
  ["check", "check"],
  ["about", (row) => String(row.about)],
];

/** `overwatch doctor` */
export function addDoctorCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, environment, {
    usage: "doctor",
    about: "check settings, server, database, key and clock, and say what to do",
    run: async (cli) => {
      const findings = await examine(cli);
      printRows(
        cli.terminal,
        cli.isJson,
        findings.map((finding) => ({ ...finding })),
        COLUMNS,
      );
      const failed = findings.filter((finding) => finding.result === "failed").length;
      if (failed > 0) throw new CliError(EXIT.failed, `${failed} of ${findings.length} checks failed`);
    },
  });
}

async function examine(cli: Cli): Promise<readonly Finding[]> {
  const connection = cli.connection();
  const health = await ask(connection, "/healthz");
  const findings = [settings(), ...loginFile(cli), server(connection, health)];
  if (typeof health === "string") return findings;
  return [
    ...findings,
    clock(cli, health),
    ...(await readiness(connection)),
    await key(cli, connection),
    await receiving(connection),
  ];
}

function settings(): Finding {
  const read = readConfig();
  if (read.ok) return { check: "settings", result: "ok", about: "the environment has no mistakes for a server" };
  return { check: "settings", result: "failed", about: read.problems.join("; ") };
}

function loginFile(cli: Cli): readonly Finding[] {
  const path = loginPath(cli.environment);
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || process.platform === "win32") return [];
  const isPrivate = (mode & 0o077) === 0;
  const about = isPrivate ? `${path} is readable by you alone` : `others can read it: chmod 600 ${path}`;
  return [{ check: "login", result: isPrivate ? "ok" : "failed", about }];
}

function server({ url, urlFrom }: Connection, health: HttpAnswer | string): Finding {
  if (typeof health === "string") {
    return {
      check: "server",
      result: "failed",
      about: `${health}; the URL is from ${urlFrom}; is it running? npm start`,
    };
  }
  const isOk = health.status === 200;
  return { check: "server", result: isOk ? "ok" : "failed", about: `${url} answers ${health.status}` };
}

function clock(cli: Cli, health: HttpAnswer): Finding {
  const theirs = Date.parse(health.headers.get("date") ?? "");
  const skewMs = Math.abs(cli.now() - theirs);
  if (!Number.isFinite(skewMs))
    return { check: "clock", result: "warning", about: "the server does not tell its time" };
  const about = `this machine is ${Math.round(skewMs / 1_000)} s from the server`;
  return { check: "clock", result: skewMs > SKEW_MS ? "warning" : "ok", about };
}

/** What the server says of its database, migrations and the like. */
async function readiness(connection: Connection): Promise<readonly Finding[]> {
  const answer = await ask(connection, "/readyz");
  const value = typeof answer === "string" ? null : parse(answer.text);
  const checks = isObject(value) && isObject(value.checks ?? null) ? Object.entries(value.checks as JsonObject) : [];
  if (checks.length === 0) {
    const isReady = typeof answer !== "string" && answer.status === 200;
    return [{ check: "ready", result: isReady ? "ok" : "failed", about: isReady ? "takes traffic" : "is not ready" }];
  }
  return checks.map(([name, told]) => {
    const check = isObject(told) ? told : {};
    return { check: name, result: check.ok === true ? "ok" : "failed", about: String(check.message) };
  });
}

async function key(cli: Cli, { keyFrom }: Connection): Promise<Finding> {
  if (keyFrom === null) return { check: "key", result: "failed", about: "there is no API key; overwatch login" };
  try {
    const organization = await cli.api().get("/organization");
    const caller = isObject(organization.caller ?? null) ? (organization.caller as JsonObject) : {};
    return { check: "key", result: "ok", about: `${String(caller.name)}, ${String(caller.role)}, from ${keyFrom}` };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { check: "key", result: "failed", about: `${error.message}; the key is from ${keyFrom}` };
  }
}

async function receiving(connection: Connection): Promise<Finding> {
  const answer = await ask(connection, "/api/v1/webhooks/health");
  const value = typeof answer === "string" ? null : parse(answer.text);
  const status = isObject(value) ? String(value.status) : "unknown";
  const result = status === "healthy" ? "ok" : status === "degraded" ? "warning" : "failed";
  return { check: "receiving", result, about: status };
}

async function ask({ url }: Connection, path: string): Promise<HttpAnswer | string> {
  try {
    return await sendHttp({ method: "GET", url: url + path, headers: {}, timeoutMs: TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return error.message;
  }
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
}
