import type { Forwarded } from "./forwarder.ts";
import { type Heard, incidentOf, resultOf } from "./listen-view.ts";
import { plain } from "./terminal.ts";

/** What a full screen of `listen` shows; pure, so that it can be tried without a terminal. */
export type ListenScreen = {
  /** Where it listens and where it forwards to. */
  readonly title: string;
  /** Oldest first. */
  readonly rows: readonly Heard[];
  readonly heardInAll: number;
  readonly selected: number;
  /** True while the newest is selected, so that the selection goes on with what comes. */
  readonly follows: boolean;
  /** The first line of the detail that is shown; null while the list is shown. */
  readonly detailFrom: number | null;
  readonly notice: string;
};

/** A key that means something here. */
export type Key = "up" | "down" | "first" | "last" | "retry" | "detail" | "back" | "open" | "quit";

/** What a key asks of the world outside the screen. */
export type Wish = "retry" | "open" | "quit" | null;

const MOST_ROWS = 500;
const HELP = "↑ ↓ move · r send again · d detail · o open · q quit";

/** A screen that has heard nothing yet. */
export function emptyScreen(title: string): ListenScreen {
  return { title, rows: [], heardInAll: 0, selected: 0, follows: true, detailFrom: null, notice: "waiting for events" };
}

/** The screen with one more event; the oldest of more than 500 go. */
export function withHeard(screen: ListenScreen, heard: Heard): ListenScreen {
  const rows = [...screen.rows, heard].slice(-MOST_ROWS);
  const gone = screen.rows.length + 1 - rows.length;
  const follows = screen.follows && screen.detailFrom === null;
  const selected = follows ? rows.length - 1 : Math.max(0, screen.selected - gone);
  const notice = screen.rows.length === 0 ? "" : screen.notice;
  return { ...screen, rows, selected, heardInAll: screen.heardInAll + 1, notice };
}

/** The screen after an event was forwarded once more. */
export function withResult(screen: ListenScreen, of: Heard, forwarded: Forwarded): ListenScreen {
  const rows = screen.rows.map((row) => (row.event.id === of.event.id ? { ...row, forwarded } : row));
  return { ...screen, rows, notice: `sent again: ${resultOf(forwarded)}` };
}

/** The screen after a key, and what the key asks for. */
export function pressed(screen: ListenScreen, key: Key): { readonly screen: ListenScreen; readonly wish: Wish } {
  const go = (next: Partial<ListenScreen>, wish: Wish = null) => ({ screen: { ...screen, notice: "", ...next }, wish });
  const select = (index: number) => {
    const selected = Math.max(0, Math.min(screen.rows.length - 1, index));
    return go({ selected, follows: selected === screen.rows.length - 1 });
  };
  if (key === "quit") return go({}, "quit");
  if (screen.rows.length === 0) return { screen, wish: null };
  if (key === "retry" || key === "open") return go({}, key);
  const { detailFrom } = screen;
  if (detailFrom !== null) {
    if (key === "back" || key === "detail") return go({ detailFrom: null });
    const step = key === "up" ? -1 : key === "down" ? 1 : 0;
    return go({ detailFrom: key === "first" ? 0 : Math.max(0, detailFrom + step) });
  }
  switch (key) {
    case "up":
      return select(screen.selected - 1);
    case "down":
      return select(screen.selected + 1);
    case "first":
      return select(0);
    case "last":
      return select(screen.rows.length - 1);
    case "detail":
      return go({ detailFrom: 0 });
    case "back":
      return go({});
  }
}

const KEYS: Readonly<Record<string, Key>> = {
  "\u001b[A": "up",
  "\u001bOA": "up",
  k: "up",
  "\u001b[B": "down",
  "\u001bOB": "down",
  j: "down",
  g: "first",
  "\u001b[H": "first",
  G: "last",
  "\u001b[F": "last",
  r: "retry",
  d: "detail",
  "\r": "detail",
  "\u001b": "back",
  o: "open",
  q: "quit",
  "\u0003": "quit",
  "\u0004": "quit",
};

/** The keys in what a terminal has sent; what means nothing is passed over. */
export function keysOf(input: string): readonly Key[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what keys are.
  const parts = input.match(/\u001b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z])|[\s\S]/gu) ?? [];
  return parts.flatMap((part) => (Object.hasOwn(KEYS, part) ? [KEYS[part] as Key] : []));
}

/** A line with how it looks. */
export type ScreenLine = { readonly text: string; readonly look: "plain" | "dim" | "bold" | "selected" };

/** The lines of a screen of this size, exactly so many and none wider. */
export function linesOf(screen: ListenScreen, size: { readonly columns: number; readonly rows: number }): ScreenLine[] {
  const room = Math.max(1, size.rows - 2);
  const body = screen.detailFrom === null ? listLines(screen, room) : detailLines(screen, room);
  const blanks = Array.from({ length: room - body.length }, (): ScreenLine => ({ text: "", look: "plain" }));
  const title: ScreenLine = { text: `${screen.title} · ${screen.heardInAll} heard`, look: "bold" };
  const help: ScreenLine = { text: screen.notice === "" ? HELP : `${screen.notice}  ·  ${HELP}`, look: "dim" };
  return [title, ...body, ...blanks, help]
    .slice(0, size.rows)
    .map((line) => ({ ...line, text: fit(line.text, size.columns) }));
}

function listLines({ rows, selected }: ListenScreen, room: number): ScreenLine[] {
  const from = Math.max(0, Math.min(selected - Math.floor(room / 2), rows.length - room));
  return rows.slice(from, from + room).map((heard, index): ScreenLine => {
    const incident = incidentOf(heard.event);
    const about = incident === null ? "" : `#${String(incident.number)} ${String(incident.title)}`;
    const how = heard.forwarded === null ? "" : `→ ${resultOf(heard.forwarded)}`;
    const type = `${String(heard.event.type)}${heard.isResend ? " (sent again)" : ""}`;
    const parts = [String(heard.event.created_at).slice(11, 19), type.padEnd(24), how.padEnd(16), about];
    return {
      text: parts.filter((part) => part !== "").join("  "),
      look: from + index === selected ? "selected" : "plain",
    };
  });
}

function detailLines({ rows, selected, detailFrom }: ListenScreen, room: number): ScreenLine[] {
  const heard = rows[selected];
  if (heard === undefined) return [];
  const how = heard.forwarded === null ? "only shown" : resultOf(heard.forwarded);
  const lines = [`forwarded: ${how}`, "", ...JSON.stringify(heard.event, null, 2).split("\n")];
  const from = Math.min(detailFrom ?? 0, Math.max(0, lines.length - room));
  return lines.slice(from, from + room).map((text) => ({ text, look: "plain" }));
}

const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])$/u;
const JOINED = /^(?:\p{Mn}|\p{Me}|\p{Cf})$/u;

/** Text of others cut to so many columns: nothing in it moves the cursor, and wide characters count twice. */
export function fit(text: string, columns: number): string {
  // No more than could fit is looked at, however long the text is.
  const characters = [...plain(text.slice(0, 8 * columns))];
  if (widthOf(characters) <= columns) return characters.join("");
  while (widthOf(characters) > columns - 1) characters.pop();
  return `${characters.join("")}…`;
}

function widthOf(characters: readonly string[]): number {
  return characters.reduce((sum, one) => sum + (WIDE.test(one) ? 2 : JOINED.test(one) ? 0 : 1), 0);
}
