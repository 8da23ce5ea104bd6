import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { CliEnvironment } from "../config.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import type { Method } from "../core/method.ts";
import { type Overrides, settingsFor } from "../core/override.ts";
import { templateContext } from "../expression/context.ts";
import { compileTemplate, renderTemplate } from "../expression/template.ts";
import { generateSecret, isSigningSecret, signDelivery } from "../runtime/webhook-signature.ts";
import { readIfThere, writePrivate } from "./connection.ts";
import { CliError, EXIT } from "./exit.ts";
import { sendHttp } from "./http-client.ts";

/** How a webhook to the user's own program went. */
export type Forwarded = { readonly status: number | null; readonly ms: number; readonly error: string | null };

/** A webhook as it would go out. */
export type Webhook = { readonly method: Method; readonly body: string; readonly contentType: string };

const TIMEOUT_MS = 30_000;

/** The file of the secret by which `listen` signs. */
export function listenSecretPath(environment: CliEnvironment): string {
  return join(environment.userDir, "listen-secret");
}

/** The secret of this user's `listen`: made once, the same at every start. */
export function loadListenSecret(environment: CliEnvironment): string {
  const path = listenSecretPath(environment);
  const kept = readIfThere(path);
  if (kept !== null && isSigningSecret(kept)) return kept;
  if (kept !== null) throw new CliError(EXIT.failed, `${path} holds no signing secret`, `remove ${path}`);
  const made = generateSecret(randomBytes);
  writePrivate(environment, path, `${made}\n`);
  return made;
}

/** The webhook of an event as an endpoint makes it, or the default one; values of variables are not known here. */
export function webhookOf(event: JsonObject, endpoint: JsonObject | null): Webhook {
  const payload = isObject(event.payload ?? null) ? (event.payload as JsonObject) : {};
  const settings = settingsFor(
    { url: "", method: (endpoint?.method ?? "POST") as Method, template: endpoint?.template ?? null },
    (endpoint?.overrides ?? {}) as Overrides,
    String(event.type),
  );
  if (settings.template === null) {
    const { alerts: _alerts, ...data } = payload;
    const body = JSON.stringify({ type: event.type, timestamp: event.created_at, data });
    return { method: settings.method, body, contentType: "application/json" };
  }
  const names = Array.isArray(endpoint?.variable_names) ? endpoint.variable_names.map(String) : [];
  const context = templateContext(names);
  const compiled = context.ok ? compileTemplate(settings.template, context.shape) : null;
  if (compiled === null || !compiled.ok) throw new CliError(EXIT.failed, "the endpoint's template cannot be read here");
  const rendered = renderTemplate(compiled.template, {
    ...Object.fromEntries(names.map((name) => [name, "***"])),
    ...payload,
    event: { id: event.id, type: event.type, created_at: event.created_at },
    endpoint: { id: endpoint?.id, name: endpoint?.name },
    link: {},
  });
  if (!rendered.ok) throw new CliError(EXIT.failed, `template ${rendered.error.path}: ${rendered.error.message}`);
  return { method: settings.method, body: rendered.body, contentType: rendered.contentType };
}

/** Sends a webhook, signed by Standard Webhooks; whatever happens is part of the answer. */
export async function forward(
  webhook: Webhook,
  target: { readonly url: string; readonly secret: string; readonly id: string; readonly isResend: boolean },
  now: () => number,
): Promise<Forwarded> {
  const startedAt = now();
  const signature = signDelivery({
    id: target.id,
    timestampSeconds: Math.floor(startedAt / 1_000),
    body: webhook.body,
    secrets: [target.secret],
  });
  const headers = {
    "content-type": webhook.contentType,
    "user-agent": "Overwatch",
    ...(target.isResend ? { "overwatch-resend": "true" } : {}),
    ...signature,
  };
  try {
    const { method, body } = webhook;
    const { status } = await sendHttp({ method, url: target.url, headers, body, timeoutMs: TIMEOUT_MS });
    return { status, ms: now() - startedAt, error: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { status: null, ms: now() - startedAt, error: message };
  }
}
