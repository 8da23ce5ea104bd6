import type { FastifyError } from "fastify";
import { type ErrorBody, errorBody, OverwatchError } from "../core/errors.ts";
import { sqlState } from "../runtime/database.ts";

/** What is answered for an error; `isOurs` says that it is a fault of this program and belongs in the log. */
export type ErrorAnswer = {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;
  readonly isOurs: boolean;
};

const RETRY_AFTER_SECONDS = 2;
const MAX_FIELDS = 50;

/** Turns whatever was thrown into an answer of the one error shape; nothing internal is quoted. */
export function answerError(error: unknown, requestId: string): ErrorAnswer {
  const known = toOverwatchError(error);
  const retryAfter = known.details.retry_after_seconds;
  const headers: Record<string, string> = {};
  if (typeof retryAfter === "number") headers["retry-after"] = String(retryAfter);
  else if (known.status === 503) headers["retry-after"] = String(RETRY_AFTER_SECONDS);
  if (known.code === "UNAUTHENTICATED") headers["www-authenticate"] = 'Bearer realm="overwatch"';
  return {
    status: known.status,
    body: errorBody(known.code, requestId, known.details, known.message),
    headers,
    isOurs: known.status >= 500,
  };
}

/** A refusal of one field. */
export function invalidField(
  path: string,
  message: string,
  more: Readonly<Record<string, unknown>> = {},
): OverwatchError {
  return new OverwatchError("VALIDATION_FAILED", { fields: [{ path, message, ...more }] });
}

function toOverwatchError(error: unknown): OverwatchError {
  if (error instanceof OverwatchError) return error;
  if (!(error instanceof Error)) return new OverwatchError("INTERNAL");
  const { code, validation } = error as Partial<FastifyError>;
  if (validation !== undefined) return validationError(validation);
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new OverwatchError("PAYLOAD_TOO_LARGE", { limit_bytes: 1_048_576 });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new OverwatchError("UNSUPPORTED_MEDIA_TYPE");
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
    case "FST_ERR_CTP_EMPTY_TYPE":
      return new OverwatchError("MALFORMED_REQUEST");
    case "FST_ERR_BAD_URL":
      return new OverwatchError("NOT_FOUND");
    default:
      return fromDatabase(error) ?? new OverwatchError("INTERNAL");
  }
}

function fromDatabase(error: Error): OverwatchError | null {
  if (isDatabaseAway(error)) return new OverwatchError("STORAGE_UNAVAILABLE");
  const state = sqlState(error);
  // Values that a column cannot hold and keys that an index cannot hold came from the request.
  if (state?.startsWith("22") || state === "54000") return new OverwatchError("MALFORMED_REQUEST");
  if (state === "23505") return new OverwatchError("CONFLICT");
  return null;
}

const AWAY_STATES = /^(08|53|57|58|25006|55P03|40)/;
const AWAY_CODES = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOENT|ENOTFOUND|EAI_)/;
const AWAY_MESSAGES =
  /timeout exceeded when trying to connect|connection terminated|query read timeout|after calling end/i;

function isDatabaseAway(error: Error): boolean {
  const state = sqlState(error);
  if (state !== null) return AWAY_STATES.test(state);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return AWAY_CODES.test(code) || AWAY_MESSAGES.test(error.message);
}

type Validation = NonNullable<FastifyError["validation"]>;

function validationError(validation: Validation): OverwatchError {
  const fields: { path: string; message: string }[] = [];
  for (const entry of validation) {
    // These two only repeat that one of the branches below them failed.
    if (entry.keyword === "anyOf" || entry.keyword === "oneOf") continue;
    const field = describe(entry);
    const isRepeated = fields.some((other) => other.path === field.path && other.message === field.message);
    if (!isRepeated && fields.length < MAX_FIELDS) fields.push(field);
  }
  return new OverwatchError("VALIDATION_FAILED", { fields });
}

function describe(entry: Validation[number]): { path: string; message: string } {
  const base = entry.instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === "" ? part : `${path}.${part}`), "");
  const below = (name: unknown): string => (base === "" ? String(name) : `${base}.${String(name)}`);
  switch (entry.keyword) {
    case "additionalProperties":
      return { path: below(entry.params.additionalProperty), message: "is not a known field" };
    case "required":
      return { path: below(entry.params.missingProperty), message: "is required" };
    case "enum":
      return { path: base, message: `must be one of ${(entry.params.allowedValues as unknown[]).join(", ")}` };
    case "discriminator":
      return { path: below(entry.params.tag), message: "is not one of the known words" };
    default:
      return { path: base === "" ? "$" : base, message: entry.message ?? "is not valid" };
  }
}
