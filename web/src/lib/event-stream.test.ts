import { expect, it } from "vitest";
import { createStreamParser, type StreamEvent } from "./event-stream.ts";

function parse(...chunks: readonly string[]): readonly StreamEvent[] {
  const events: StreamEvent[] = [];
  const feed = createStreamParser((event) => events.push(event));
  for (const chunk of chunks) feed(chunk);
  return events;
}

it("reads events whole, whatever the chunks are", () => {
  const text =
    'retry: 2000\n\nid: 1\nevent: incident.created\ndata: {"a":1}\n\n: still here\n\nid: 2\ndata: x\ndata: y\n\n';
  const expected = [
    { id: "1", type: "incident.created", data: '{"a":1}' },
    { id: "2", type: "message", data: "x\ny" },
  ];
  expect(parse(text)).toEqual(expected);
  expect(parse(...text)).toEqual(expected);
});

it("keeps an event that is not finished for later", () => {
  expect(parse("data: half")).toEqual([]);
  expect(parse("data: half\r\n", "\r\n")).toEqual([{ id: "", type: "message", data: "half" }]);
});
