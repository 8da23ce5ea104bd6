import { createHmac } from "node:crypto";
import { OverwatchError } from "../core/errors.ts";
import type { Integration } from "../core/integration.ts";
import { isObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { PlatformName } from "../platforms/platform.ts";
import { findPlatform } from "../platforms/registry.ts";
import { signDelivery } from "../runtime/webhook-signature.ts";
import { loadReceivingIntegration } from "../store/receiving-integration.ts";
import type { ApiDeps } from "./deps.ts";
import { requestInProcess } from "./in-process-request.ts";
import { SAMPLE_PAYLOADS } from "./sample-payloads.ts";
import { purposeOf } from "./verification-config.ts";

/** Kept with the receipt, so that it can be told from what the sender itself sent. */
const SAMPLE_HEADER = "x-overwatch-sample";

/** What the receiving path answered to a sample. */
export type SampleAnswer = {
  readonly status_code: number;
  readonly receipt_id: string | null;
  readonly answer: JsonValue;
};

/** Sends a signed payload, the given one or a sample of the integration's platform through the receiving path, checks and commit included. */
export async function sendSample(
  deps: ApiDeps,
  integration: Integration,
  requestId: string,
  given: JsonObject | null = null,
): Promise<SampleAnswer> {
  if (deps.receive === null) {
    throw new OverwatchError("CONFLICT", {}, "This node does not receive webhooks; ask one that does");
  }
  const loaded = await loadReceivingIntegration(deps.database, deps.vault, deps.clock, integration.id);
  if (loaded === null) throw new OverwatchError("NOT_FOUND");
  const purpose = purposeOf(integration.verification);
  const secrets = "secrets" in loaded ? loaded.secrets : [];
  const secret = secrets.find((entry) => entry.purpose === purpose && !entry.isPrevious)?.value ?? null;
  if (purpose !== null && secret === null) {
    throw new OverwatchError("CONFLICT", {}, "The integration's secret cannot be read; rotate it");
  }
  const name = integration.platform as PlatformName;
  const now = deps.clock.now();
  const payload = given ?? SAMPLE_PAYLOADS[name]({ id: deps.ids.next(), now });
  const body = Buffer.from(JSON.stringify(payload), "utf8");
  const answer = await requestInProcess(deps.receive, {
    method: "POST",
    url: `/api/v1/webhooks/${name}/${integration.id}`,
    headers: {
      "content-type": "application/json",
      "x-request-id": requestId,
      [SAMPLE_HEADER]: "true",
      ...proofHeaders(integration, secret ?? "", body, { now, id: deps.ids.next() }),
    },
    body,
  });
  return readAnswer(answer.status, answer.body);
}

/** The headers by which the integration's verification recognises its sender. */
export function proofHeaders(
  integration: Pick<Integration, "platform" | "verification">,
  secret: string,
  body: Buffer,
  message: { readonly now: number; readonly id: string },
): Readonly<Record<string, string>> {
  const { verification } = integration;
  const seconds = String(Math.floor(message.now / 1_000));
  switch (verification.type) {
    case "none":
      return {};
    case "token":
      return { [verification.header.toLowerCase()]: verification.prefix + secret };
    case "basic":
      return { authorization: `Basic ${Buffer.from(`${verification.username}:${secret}`).toString("base64")}` };
    case "standard_webhooks": {
      const timestampSeconds = Math.floor(message.now / 1_000);
      return { ...signDelivery({ id: message.id, timestampSeconds, body, secrets: [secret] }) };
    }
    default: {
      const scheme = schemeOf(integration);
      const mac = createHmac(scheme.algorithm, secret);
      if (scheme.timestampHeader !== null) mac.update(`${seconds}:`);
      const proof = scheme.prefix + mac.update(body).digest(scheme.encoding);
      const time = scheme.timestampHeader === null ? {} : { [scheme.timestampHeader.toLowerCase()]: seconds };
      return { [scheme.header.toLowerCase()]: proof, ...time };
    }
  }
}

function schemeOf({ platform, verification }: Pick<Integration, "platform" | "verification">) {
  if (verification.type === "hmac") {
    return { ...verification, timestampHeader: verification.timestamp_header ?? null };
  }
  const scheme = findPlatform(platform)?.signature;
  if (scheme === undefined || verification.type !== "signature") throw new OverwatchError("INTERNAL");
  return {
    ...scheme,
    header: verification.header ?? scheme.header,
    timestampHeader: verification.timestamp_header ?? scheme.timestampHeader,
  };
}

function readAnswer(status: number, body: string): SampleAnswer {
  let answer: JsonValue = null;
  try {
    answer = JSON.parse(body) as JsonValue;
  } catch {
    answer = body;
  }
  const data = isObject(answer) ? answer.data : undefined;
  const receiptId = isObject(data) ? data.receipt_id : undefined;
  return { status_code: status, receipt_id: typeof receiptId === "string" ? receiptId : null, answer };
}
