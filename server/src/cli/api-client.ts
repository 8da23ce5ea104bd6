import { isObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { Connection } from "./connection.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { type HttpAnswer, openStream, sendHttp } from "./http-client.ts";

/** Values of a query; null and undefined are left out. */
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The HTTP API as commands use it: what is refused is thrown with the exit code that scripts are promised. */
export type ApiClient = {
  readonly url: string;
  get(path: string, query?: Query): Promise<JsonObject>;
  send(method: "POST" | "PATCH" | "DELETE", path: string, body?: JsonObject): Promise<JsonObject>;
  /** Rows of a list, newest first, over as many pages as that takes. */
  list(path: string, query: Query, limit: number): Promise<readonly JsonObject[]>;
  /** The live stream behind an event; throws like the others, and when it breaks. */
  stream(lastEventId: string | null, signal: AbortSignal): Promise<AsyncIterable<string>>;
};

const TIMEOUT_MS = 30_000;
const PAGE = 200;

/** A client of one server with one key. */
export function createApiClient(connection: Connection): ApiClient {
  const { url, apiKey } = connection;

  const headersOf = (): Record<string, string> => {
    if (apiKey === null) {
      throw new CliError(EXIT.auth, `there is no API key for ${url}`, "overwatch login, or set OVERWATCH_API_KEY");
    }
    return { authorization: `Bearer ${apiKey}`, "user-agent": "overwatch-cli" };
  };

  const ask = async (method: string, path: string, body?: JsonObject): Promise<JsonObject> => {
    const answer = await sendHttp({
      method,
      url: `${url}/api/v1${path}`,
      headers: { ...headersOf(), ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: TIMEOUT_MS,
    });
    return readAnswer(answer, url);
  };

  const get = (path: string, query: Query = {}): Promise<JsonObject> => ask("GET", path + queryOf(query));

  return {
    url,
    get,
    send: (method, path, body) => ask(method, path, body ?? (method === "DELETE" ? undefined : {})),
    async list(path, query, limit) {
      const rows: JsonObject[] = [];
      let cursor: string | null = null;
      do {
        const page = await get(path, { ...query, limit: Math.min(PAGE, limit - rows.length), cursor });
        rows.push(...rowsOf(page));
        cursor = typeof page.next_cursor === "string" ? page.next_cursor : null;
      } while (cursor !== null && rows.length < limit);
      return rows;
    },
    async stream(lastEventId, signal) {
      const resumed = lastEventId === null ? {} : { "last-event-id": lastEventId };
      const answer = await openStream(`${url}/api/v1/stream`, { ...headersOf(), ...resumed }, signal);
      if (answer.status !== 200) throw refusalOf(answer.status, await answer.text(), url);
      return answer.parts;
    },
  };
}

/** The objects in the `data` of a page. */
export function rowsOf(page: JsonObject): readonly JsonObject[] {
  return Array.isArray(page.data) ? page.data.filter(isObject) : [];
}

function queryOf(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

function readAnswer(answer: HttpAnswer, url: string): JsonObject {
  if (answer.status < 200 || answer.status > 299) throw refusalOf(answer.status, answer.text, url);
  if (answer.text === "") return {};
  const value = parse(answer.text);
  if (!isObject(value)) throw new CliError(EXIT.unavailable, `${url} does not answer like Overwatch`);
  return value;
}

function refusalOf(status: number, text: string, url: string): CliError {
  const value = parse(text);
  const error = isObject(value) && isObject(value.error ?? null) ? (value.error as JsonObject) : null;
  if (error === null) return new CliError(exitCodeOf(status), `${url} answers ${status}, not like Overwatch`);
  const details = isObject(error.details ?? null) ? (error.details as JsonObject) : {};
  const fields = Array.isArray(details.fields) ? details.fields.filter(isObject) : [];
  const lines = fields.map((field) => `\n  ${String(field.path)}: ${String(field.message)}`);
  const message = `${String(error.message)} (${String(error.code)})${lines.join("")}`;
  const hint = status === 401 ? "overwatch whoami says which key is used" : null;
  return new CliError(exitCodeOf(status), message, hint);
}

function exitCodeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.auth;
  if (status === 404) return EXIT.notFound;
  if (status === 400 || status === 422) return EXIT.usage;
  return status === 429 || status >= 500 ? EXIT.unavailable : EXIT.failed;
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
}
