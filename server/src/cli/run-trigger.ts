import { createHash, randomUUID } from "node:crypto";
import { proofHeaders } from "../api/integration-sample.ts";
import { SAMPLE_PAYLOADS } from "../api/sample-payloads.ts";
import type { Verification } from "../core/integration.ts";
import { isObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { Severity } from "../core/severity.ts";
import type { PlatformName } from "../platforms/platform.ts";
import { type Cli, numberOf, type Options, optionOf } from "./command.ts";
import { readIfThere } from "./connection.ts";
import { CliError, EXIT } from "./exit.ts";
import { sendHttp } from "./http-client.ts";
import { putAt, SAMPLE_CHANGES } from "./sample-changes.ts";

const MOST = 10_000;
const FASTEST = 200;
const TIMEOUT_MS = 30_000;

/** What `overwatch trigger` does. */
export async function trigger(cli: Cli, [name = ""]: readonly string[], options: Options): Promise<void> {
  const platform = name as PlatformName;
  const count = Math.trunc(numberOf(options, "count", 1, MOST) ?? 1);
  const rate = numberOf(options, "rate", 0.1, FASTEST) ?? 10;
  if (options.resolve === true && optionOf(options, "id") === null) {
    throw new CliError(EXIT.usage, "--resolve needs --id, which says what is over");
  }
  const integration = await findIntegration(cli, platform, optionOf(options, "integration"));
  const secretFile = optionOf(options, "secretFile");
  const secret = secretFile === null ? null : readIfThere(secretFile);
  if (secretFile !== null && secret === null)
    throw new CliError(EXIT.usage, `${secretFile} cannot be read or is empty`);
  const startedAt = cli.now();
  for (let index = 0; index < count && !cli.stopped.aborted; index += 1) {
    await cli.wait(startedAt + (index * 1_000) / rate - cli.now(), cli.stopped);
    const payload = payloadOf(cli, platform, options);
    const sent =
      secret === null ? await sendByServer(cli, integration, payload) : await send(cli, integration, payload, secret);
    cli.terminal.out(
      cli.isJson ? JSON.stringify(sent) : `${String(sent.status_code)}  receipt ${String(sent.receipt_id)}`,
    );
    const status = Number(sent.status_code);
    if (status !== 200)
      throw new CliError(status === 401 ? EXIT.auth : EXIT.failed, `refused: ${JSON.stringify(sent.answer)}`);
  }
}

function payloadOf(cli: Cli, platform: PlatformName, options: Options): JsonObject {
  const now = cli.now();
  const id = optionOf(options, "id");
  const ways = SAMPLE_CHANGES[platform];
  const severity = optionOf(options, "severity") as Severity | null;
  const changes = [
    ...(severity === null ? [] : ways.severity(severity)),
    ...(options.resolve === true ? ways.resolved(now) : []),
    ...(options.set as readonly string[]).map(assignmentOf),
  ];
  const sample = SAMPLE_PAYLOADS[platform]({ id: id === null ? randomUUID() : uuidOf(id), now });
  return changes.reduce<JsonObject>((payload, [path, value]) => putAt(payload, path, value), sample);
}

function assignmentOf(text: string): readonly [string, JsonValue] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new CliError(EXIT.usage, `--set wants path=value, not "${text}"`);
  const value = text.slice(equals + 1);
  try {
    return [text.slice(0, equals), JSON.parse(value) as JsonValue];
  } catch {
    return [text.slice(0, equals), value];
  }
}

/** An id in the form that samples have, the same for the same text. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

async function findIntegration(cli: Cli, platform: PlatformName, name: string | null): Promise<JsonObject> {
  const all = (await cli.api().list("/integrations", {}, 2_000)).filter((one) => one.platform === platform);
  const found = name === null ? all : all.filter((one) => one.name === name || one.id === name);
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only;
  if (found.length === 0) {
    const what =
      name === null ? `there is no integration of ${platform}` : `no integration of ${platform} is "${name}"`;
    throw new CliError(EXIT.notFound, what);
  }
  const names = found.map((one) => `${String(one.name)} (${String(one.id)})`).join(", ");
  throw new CliError(EXIT.usage, `several integrations fit: ${names}`, "--integration says which");
}

function sendByServer(cli: Cli, integration: JsonObject, payload: JsonObject): Promise<JsonObject> {
  return cli.api().send("POST", `/integrations/${String(integration.id)}/test`, { payload });
}

async function send(cli: Cli, integration: JsonObject, payload: JsonObject, secret: string): Promise<JsonObject> {
  const body = Buffer.from(JSON.stringify(payload));
  const proof = proofHeaders(
    { platform: String(integration.platform), verification: integration.verification as unknown as Verification },
    secret,
    body,
    { now: cli.now(), id: randomUUID() },
  );
  const answer = await sendHttp({
    method: "POST",
    url: `${cli.connection().url}/api/v1/webhooks/${String(integration.platform)}/${String(integration.id)}`,
    headers: { "content-type": "application/json", ...proof },
    body,
    timeoutMs: TIMEOUT_MS,
  });
  let read: JsonValue = answer.text;
  try {
    read = JSON.parse(answer.text) as JsonValue;
  } catch {
    // Shown as it came.
  }
  const data = isObject(read) && isObject(read.data ?? null) ? (read.data as JsonObject) : {};
  return { status_code: answer.status, receipt_id: data.receipt_id ?? null, answer: read };
}
