import { isObject, type JsonObject } from "../core/json.ts";
import type { Cli } from "./command.ts";
import type { Forwarded } from "./forwarder.ts";
import { plain } from "./terminal.ts";

/** An event that `listen` has dealt with. */
export type Heard = {
  readonly event: JsonObject;
  readonly isResend: boolean;
  /** How forwarding it went; null when it is only shown. */
  readonly forwarded: Forwarded | null;
  /** Forwards it once more; null when there is nowhere to forward to. */
  readonly again: (() => Promise<Forwarded>) | null;
};

/** Where `listen` shows what it hears. */
export type ListenView = {
  /** Tells that it is connected; the words are for a line of their own. */
  ready(words: string): void;
  /** Words for people. */
  say(line: string): void;
  tell(heard: Heard): void;
  /** Leaves the terminal as it was. */
  close(): void;
};

/** A line for each event: for pipes, logs and whoever wants no full screen. */
export function createLineView(cli: Cli): ListenView {
  return {
    ready: cli.terminal.say,
    say: cli.terminal.say,
    tell({ event, isResend, forwarded }) {
      if (cli.isJson) {
        const { status = null, ms = null, error = null } = forwarded ?? {};
        const told = forwarded === null ? null : { status, ms, error };
        cli.terminal.out(JSON.stringify({ event, resend: isResend, forwarded: told }));
        return;
      }
      const incident = incidentOf(event);
      const about = incident === null ? "" : `  #${String(incident.number)} ${plain(String(incident.title))}`;
      const how = forwarded === null ? "" : `  → ${resultOf(forwarded)}`;
      cli.terminal.out(
        `${String(event.created_at)}  ${String(event.type)}${isResend ? " (sent again)" : ""}${about}${how}`,
      );
    },
    close: () => undefined,
  };
}

/** The incident that an event speaks of, or null. */
export function incidentOf(event: JsonObject): JsonObject | null {
  const payload = isObject(event.payload ?? null) ? (event.payload as JsonObject) : {};
  return isObject(payload.incident ?? null) ? (payload.incident as JsonObject) : null;
}

/** `200 in 12 ms`. */
export function resultOf(forwarded: Forwarded): string {
  return `${forwarded.error === null ? String(forwarded.status) : plain(forwarded.error)} in ${forwarded.ms} ms`;
}
