/** Every error code of the API with its HTTP status and default message; docs/errors.md is tested against it. */
export const ERRORS = {
  INTEGRATION_NOT_FOUND: { status: 404, message: "No integration of this platform has this id" },
  INTEGRATION_DISABLED: { status: 403, message: "This integration is disabled" },
  SOURCE_NOT_ALLOWED: { status: 403, message: "The source address is not in the integration's allow-list" },
  RATE_LIMITED: { status: 429, message: "Too many requests; try again later" },
  PAYLOAD_TOO_LARGE: { status: 413, message: "The body is larger than allowed" },
  WEBHOOK_VALIDATION_FAILED: { status: 401, message: "Webhook signature validation failed" },
  QUARANTINE_FULL: { status: 422, message: "Too many quarantined receipts wait on this integration" },
  UNSUPPORTED_ENCODING: { status: 415, message: "Content-Encoding must be identity or gzip" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: "The body must be application/json" },
  STORAGE_UNAVAILABLE: { status: 503, message: "The database cannot be reached; nothing was accepted" },
  OVERLOADED: { status: 503, message: "Too much is waiting; try again later" },
  SHUTTING_DOWN: { status: 503, message: "This node is stopping; try another or try again" },
  MALFORMED_REQUEST: { status: 400, message: "The request is not well formed" },
  INVALID_CURSOR: { status: 400, message: "This cursor does not belong to this list" },
  UNAUTHENTICATED: { status: 401, message: "Sign in, or send an API key: Authorization: Bearer <key>" },
  SIGN_IN_FAILED: { status: 401, message: "The e-mail address or the password is wrong" },
  FORBIDDEN: { status: 403, message: "Your role does not allow this" },
  SESSION_REQUIRED: { status: 403, message: "This is for people who are signed in; an API key does not do" },
  CSRF_FAILED: { status: 403, message: "A change by a session needs the header X-Overwatch-CSRF of that session" },
  LINK_NOT_VALID: { status: 404, message: "This link was used already, has expired, or never was; ask for a new one" },
  NOT_FOUND: { status: 404, message: "There is no such thing here" },
  METHOD_NOT_ALLOWED: { status: 405, message: "This method is not allowed here" },
  VALIDATION_FAILED: { status: 422, message: "Some fields are not valid" },
  CONFLICT: { status: 409, message: "The present state does not allow this" },
  ENDPOINT_IN_USE: { status: 409, message: "Other endpoints fall back to this one; give them another fallback first" },
  PRECONDITION_FAILED: { status: 412, message: "It was changed since you read it; read it again" },
  IDEMPOTENCY_KEY_REUSED: { status: 422, message: "This Idempotency-Key was used for a different request" },
  ADDRESS_NOT_ALLOWED: { status: 422, message: "This address may not be called" },
  INTERNAL: { status: 500, message: "Something went wrong on our side; the request id finds it in the log" },
} as const satisfies Record<string, { readonly status: number; readonly message: string }>;

/** A stable error code. */
export type ErrorCode = keyof typeof ERRORS;

/** What an API answers when it refuses: `code` from the table, `details` free of secrets. */
export class OverwatchError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    details: Readonly<Record<string, unknown>> = {},
    message: string = ERRORS[code].message,
  ) {
    super(message);
    this.name = "OverwatchError";
    this.code = code;
    this.status = ERRORS[code].status;
    this.details = details;
  }
}

/** The JSON shape of every error answer. */
export type ErrorBody = {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
    readonly request_id: string;
  };
};

/** Builds the answer for an error code. */
export function errorBody(
  code: ErrorCode,
  requestId: string,
  details: Readonly<Record<string, unknown>> = {},
  message: string = ERRORS[code].message,
): ErrorBody {
  return { error: { code, message, details, request_id: requestId } };
}
