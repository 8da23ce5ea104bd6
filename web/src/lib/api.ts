import type { ApiError } from "../../../server/src/api/contract.ts";

/** One field that the server refused: its path in the body and why. */
export type FieldProblem = { readonly path: string; readonly message: string };

/** What the API answered instead of success, or that it could not be reached (`status` 0, code `UNREACHABLE`). */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly requestId: string | null;

  constructor(failure: {
    status: number;
    code: string;
    message: string;
    details?: Readonly<Record<string, unknown>>;
    requestId?: string | null;
  }) {
    super(failure.message);
    this.name = "ApiFailure";
    this.status = failure.status;
    this.code = failure.code;
    this.details = failure.details ?? {};
    this.requestId = failure.requestId ?? null;
  }

  /** The fields that were refused, empty for any other error. */
  get fields(): readonly FieldProblem[] {
    return Array.isArray(this.details.fields) ? (this.details.fields as FieldProblem[]) : [];
  }
}

/** What a request may say besides its path. */
export type RequestOptions = {
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** The `ETag` that the change is based on. */
  readonly ifMatch?: string | undefined;
  readonly idempotencyKey?: string;
};

/** A body together with the version it has. */
export type Versioned<Body> = { readonly body: Body; readonly etag: string | null };

const BASE_PATH = "/api/v1";
let csrfToken: string | null = null;

/** Remembers the token that changes have to carry; the session query calls it. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Reads `path` below `/api/v1`. */
export async function get<Body>(path: string, options: RequestOptions = {}): Promise<Body> {
  return (await send<Body>("GET", path, undefined, options)).body;
}

/** Reads `path` with its version, for an editor that will save with `ifMatch`. */
export function getVersioned<Body>(path: string, options: RequestOptions = {}): Promise<Versioned<Body>> {
  return send<Body>("GET", path, undefined, options);
}

/** Changes something; answers with the body of the answer, undefined when there is none. */
export async function change<Body = undefined>(
  method: "POST" | "PATCH" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
  options: RequestOptions = {},
): Promise<Body> {
  return (await send<Body>(method, path, body, options)).body;
}

async function send<Body>(
  method: string,
  path: string,
  body: unknown,
  options: RequestOptions,
): Promise<Versioned<Body>> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method !== "GET" && csrfToken !== null) headers["x-overwatch-csrf"] = csrfToken;
  if (options.ifMatch !== undefined) headers["if-match"] = options.ifMatch;
  if (options.idempotencyKey !== undefined) headers["idempotency-key"] = options.idempotencyKey;
  let response: Response;
  try {
    response = await fetch(`${BASE_PATH}${path}${queryText(options.query)}`, {
      method,
      headers,
      credentials: "same-origin",
      signal: options.signal ?? null,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiFailure({ status: 0, code: "UNREACHABLE", message: "Overwatch cannot be reached" });
  }
  if (!response.ok) throw await readFailure(response);
  const text = await response.text();
  // The caller names the type of what this path answers; the server's own tests hold answers to the schemas.
  return { body: (text === "" ? undefined : JSON.parse(text)) as Body, etag: response.headers.get("etag") };
}

async function readFailure(response: Response): Promise<ApiFailure> {
  const requestId = response.headers.get("x-request-id");
  try {
    const { error } = (await response.json()) as ApiError;
    return new ApiFailure({ ...error, status: response.status, requestId });
  } catch {
    // A proxy answered, not Overwatch.
    const message = `The answer was ${response.status} ${response.statusText}`.trim();
    return new ApiFailure({ status: response.status, code: "UNEXPECTED_ANSWER", message, requestId });
  }
}

/** Writes a query string with its `?`; the values of a list are given one by one, empty values are left out. */
export function queryText(query: RequestOptions["query"]): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of [value].flat()) {
      if (one !== undefined && one !== null && one !== "") parameters.append(name, String(one));
    }
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}
