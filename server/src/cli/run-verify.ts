import { randomUUID } from "node:crypto";
import { proofHeaders } from "../api/integration-sample.ts";
import type { Verification } from "../core/integration.ts";
import { findPlatform } from "../platforms/registry.ts";
import { hmacHeader } from "../platforms/verification.ts";
import type { VerificationFailure } from "../receive/verdict.ts";
import { createVerifier } from "../receive/verify.ts";
import { isSigningSecret } from "../runtime/webhook-signature.ts";
import { type Cli, type Options, optionOf } from "./command.ts";
import { readIfThere } from "./connection.ts";
import { CliError, EXIT } from "./exit.ts";

const WHAT_TO_DO: Readonly<Record<VerificationFailure, string>> = {
  missing: "the header is not there: the sender does not sign, or something on the way drops the header",
  malformed: "the header has another form than this scheme writes, or stands there twice",
  mismatch:
    "the body or the secret is another one: a proxy that changes the body, or the secret of another integration",
  expired: "the signature is right and its time is more than five minutes from now: replayed, late, or a wrong clock",
};

/** What `overwatch verify` does. */
export async function verify(cli: Cli, _args: readonly string[], options: Options): Promise<void> {
  const { platform, verification, secret } = schemeOf(options);
  const headers: Record<string, string> = {};
  const rawHeaders: string[] = [];
  for (const line of options.header as readonly string[]) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new CliError(EXIT.usage, `--header wants "Name: value", not "${line}"`);
    const [name, value] = [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    headers[name.toLowerCase()] = value;
    rawHeaders.push(name, value);
  }
  const body = await cli.terminal.readInput();
  const scheme =
    platform === null ? hmacHeader({ header: "" }) : (findPlatform(platform)?.signature ?? hmacHeader({ header: "" }));
  const tolerance = options.ignoreTime === true ? { tolerance_seconds: 1e9 } : {};
  const verifier = createVerifier({ ...verification, ...tolerance }, scheme, [
    { id: "cli", purpose: "signing_secret", value: secret, isPrevious: false, expiresAt: null },
  ]);
  const verdict = verifier.verify({ headers, rawHeaders }, body, cli.now());
  const expected = proofHeaders({ platform: platform ?? "custom", verification }, secret, body, {
    now: cli.now(),
    id: headers["webhook-id"] ?? "msg",
  });
  if (cli.isJson) {
    const reason = verdict.ok ? null : verdict.reason;
    cli.terminal.out(JSON.stringify({ ok: verdict.ok, reason, header: verifier.header, bytes: body.length }));
  } else if (verdict.ok) cli.terminal.out(`ok: ${body.length} bytes, verified by ${verdict.by}`);
  if (verdict.ok) return;
  // Whoever has the secret can compute this anyway; a signature that covers the time is another one each second.
  const wanted = verifier.header === null ? null : expected[verifier.header];
  const isComparable = verdict.reason === "mismatch" && wanted !== undefined && wanted !== null && platform !== null;
  const lines = isComparable ? [`  came      ${verdict.received ?? "-"}`, `  expected  ${wanted}`] : [];
  for (const line of lines) cli.terminal.say(line);
  cli.terminal.say(
    `  over      ${body.length} bytes of standard input${body.at(-1) === 10 ? ", which end with a line break" : ""}`,
  );
  throw new CliError(EXIT.failed, `${verdict.reason}: ${WHAT_TO_DO[verdict.reason]}`);
}

/** What `overwatch sign` does. */
export async function sign(cli: Cli, _args: readonly string[], options: Options): Promise<void> {
  const { platform, verification, secret } = schemeOf(options);
  const body = await cli.terminal.readInput();
  const headers = proofHeaders({ platform: platform ?? "custom", verification }, secret, body, {
    now: cli.now(),
    id: optionOf(options, "id") ?? `msg_${randomUUID()}`,
  });
  if (cli.isJson) return cli.terminal.out(JSON.stringify(headers));
  for (const [name, value] of Object.entries(headers)) cli.terminal.out(`${name}: ${value}`);
}

function schemeOf(options: Options): {
  readonly platform: string | null;
  readonly verification: Verification;
  readonly secret: string;
} {
  const file = optionOf(options, "secretFile");
  const secret = optionOf(options, "secret") ?? (file === null ? null : readIfThere(file));
  if (secret === null) throw new CliError(EXIT.usage, "there is no secret; give --secret-file or --secret");
  const platform = optionOf(options, "platform");
  if (platform !== null) return { platform, verification: { type: "signature" }, secret };
  if (!isSigningSecret(secret)) {
    throw new CliError(
      EXIT.usage,
      "a secret of Standard Webhooks begins with whsec_",
      "--platform names another scheme",
    );
  }
  return { platform, verification: { type: "standard_webhooks" }, secret };
}
