import { isObject, type JsonValue } from "../core/json.ts";

/**
 * The request of an attempt as a command line for a shell, with `***` where secrets were; null when nothing was sent. It
 * is for people to fill in and run, so each part is quoted whole.
 */
export function curlOf(request: JsonValue): string | null {
  if (!isObject(request) || typeof request.url !== "string" || typeof request.method !== "string") return null;
  const lines = [`curl -X ${request.method} ${quote(request.url)}`];
  for (const [name, value] of Object.entries(isObject(request.headers) ? request.headers : {})) {
    lines.push(`-H ${quote(`${name}: ${String(value)}`)}`);
  }
  const body = typeof request.body === "string" ? request.body : "";
  if (body !== "") lines.push(`--data-raw ${quote(body)}`);
  const isCut = typeof request.body_bytes === "number" && request.body_bytes > Buffer.byteLength(body);
  const command = lines.join(" \\\n  ");
  return isCut && body.length >= KEPT_CHARS
    ? `${command}\n# The body is cut: ${request.body_bytes} bytes were sent`
    : command;
}

const KEPT_CHARS = 16_384;

/** Nothing inside single quotes means anything to a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
