/** One event of a stream of server-sent events. */
export type ServerSentEvent = { readonly id: string | null; readonly event: string; readonly data: string };

/** Reads server-sent events (HTML Living Standard, section 9.2.6) from parts of text that may be cut anywhere. */
export async function* readServerSentEvents(parts: AsyncIterable<string>): AsyncIterable<ServerSentEvent> {
  let rest = "";
  let lines: string[] = [];
  for await (const part of parts) {
    rest += part;
    for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n")) {
      const line = rest.slice(0, end).replace(/\r$/, "");
      rest = rest.slice(end + 1);
      if (line !== "") {
        lines.push(line);
        continue;
      }
      const event = eventOf(lines);
      lines = [];
      if (event !== null) yield event;
    }
  }
}

function eventOf(lines: readonly string[]): ServerSentEvent | null {
  let id: string | null = null;
  let event = "message";
  const data: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "id") id = value;
    else if (name === "event") event = value;
    else if (name === "data") data.push(value);
  }
  return data.length === 0 ? null : { id, event, data: data.join("\n") };
}
