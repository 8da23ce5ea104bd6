import { expect, it } from "vitest";
import { readServerSentEvents, type ServerSentEvent } from "./server-sent-events.ts";

async function* cut(text: string, size: number): AsyncIterable<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

it.each([1, 2, 3, 7, 1_000])("events are read whole however the text is cut: every %i characters", async (size) => {
  const text =
    'retry: 2000\n\n: a comment\n\nid: 1\nevent: incident.created\ndata: {"a":\ndata: 1}\n\nid:2\r\ndata:x\r\n\r\ndata: cut';
  const events: ServerSentEvent[] = [];
  for await (const event of readServerSentEvents(cut(text, size))) events.push(event);
  expect(events).toEqual([
    { id: "1", event: "incident.created", data: '{"a":\n1}' },
    { id: "2", event: "message", data: "x" },
  ]);
});
