/** One event of a server-sent stream. */
export type StreamEvent = { readonly id: string; readonly type: string; readonly data: string };

/** Makes a parser of server-sent events (HTML Living Standard, 9.2.6); feed it text as it comes. */
export function createStreamParser(onEvent: (event: StreamEvent) => void): (text: string) => void {
  let rest = "";
  let id = "";
  let type = "";
  let data: string[] = [];
  const readLine = (line: string): void => {
    if (line === "") {
      if (data.length > 0) onEvent({ id, type: type === "" ? "message" : type, data: data.join("\n") });
      type = "";
      data = [];
      return;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "id") id = value;
    else if (field === "event") type = value;
    else if (field === "data") data.push(value);
  };
  return (text) => {
    rest += text;
    // A lone \r at the end may be the first half of \r\n.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) readLine(line);
  };
}
