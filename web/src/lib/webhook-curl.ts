/** A webhook to send again from a terminal. */
type Webhook = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null when the body is no text; the command then reads the downloaded file. */
  readonly body: string | null;
  readonly fileName: string;
};

/** Headers that belong to one connection, or that curl makes itself. */
const LEFT_OUT = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "accept-encoding",
  "content-encoding",
  "x-request-id",
  "x-overwatch-edited-from",
  "x-overwatch-sample",
]);

/** The webhook as a command line; whoever sends it adds the proof, which is never stored. */
export function webhookCurl({ url, headers, body, fileName }: Webhook): string {
  const lines = [`curl -X POST ${quote(url)}`];
  for (const [name, value] of Object.entries(headers)) {
    if (!LEFT_OUT.has(name.toLowerCase())) lines.push(`-H ${quote(`${name}: ${value}`)}`);
  }
  lines.push(body === null ? `--data-binary @${quote(fileName)}` : `--data-binary ${quote(body)}`);
  return lines.join(" \\\n  ");
}

/** Nothing inside single quotes means anything to a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
