import { describe, expect, it } from "vitest";
import {
  emptyScreen,
  fit,
  type Key,
  keysOf,
  type ListenScreen,
  linesOf,
  pressed,
  withHeard,
  withResult,
} from "./listen-screen.ts";
import type { Heard } from "./listen-view.ts";

const heard = (number: number, more: Partial<Heard> = {}): Heard => ({
  event: {
    id: `event-${number}`,
    type: "incident.created",
    created_at: "2026-11-23T12:00:00.000Z",
    payload: { incident: { number, title: `Disk ${number}`, url: "https://overwatch.example/i/1" } },
  },
  isResend: false,
  forwarded: { status: 200, ms: 12, error: null },
  again: null,
  ...more,
});
const after = (count: number, from: ListenScreen = emptyScreen("title")): ListenScreen =>
  Array.from({ length: count }, (_, index) => heard(index + 1)).reduce(withHeard, from);
const press = (screen: ListenScreen, ...keys: Key[]): ListenScreen =>
  keys.reduce((present, key) => pressed(present, key).screen, screen);
const SIZE = { columns: 80, rows: 10 };
const texts = (screen: ListenScreen): string[] => linesOf(screen, SIZE).map((line) => line.text);

describe("the full screen of listen", () => {
  it("fills the terminal exactly, whatever it has heard and whatever the terminal's size", () => {
    for (const count of [0, 1, 7, 8, 9, 600]) {
      for (const size of [SIZE, { columns: 20, rows: 3 }, { columns: 300, rows: 100 }]) {
        for (const screen of [after(count), press(after(count), "detail", "down", "down")]) {
          const lines = linesOf(screen, size);
          expect(lines).toHaveLength(size.rows);
          for (const { text } of lines) expect([...text].length).toBeLessThanOrEqual(size.columns);
        }
      }
    }
  });

  it("shows the newest and goes on with what comes, until somebody moves away from it", () => {
    const screen = after(20);
    expect(texts(screen).at(-3)).toContain("#19");
    expect(linesOf(screen, SIZE).find((line) => line.look === "selected")?.text).toMatch(/→ 200 in 12 ms +#20 Disk 20/);
    const moved = press(screen, "up", "up");
    expect(moved).toMatchObject({ selected: 17, follows: false });
    expect(withHeard(moved, heard(21)).selected).toBe(17);
    const back = press(moved, "last");
    expect(withHeard(back, heard(21)).selected).toBe(20);
    expect(press(screen, "first", "up")).toMatchObject({ selected: 0 });
  });

  it("keeps the last 500, and the selected one stays selected while older ones go", () => {
    const screen = press(after(500), "up");
    const next = withHeard(screen, heard(501));
    expect(next.rows).toHaveLength(500);
    expect(next.rows[next.selected]?.event.id).toBe(screen.rows[screen.selected]?.event.id);
    expect(next.heardInAll).toBe(501);
  });

  it("opens the whole event, moves in it, and comes back", () => {
    const screen = press(after(3), "detail");
    expect(texts(screen).slice(1, 4)).toEqual(["forwarded: 200 in 12 ms", "", "{"]);
    expect(texts(press(screen, "down"))[1]).toBe("");
    expect(press(screen, "down", "up", "up").detailFrom).toBe(0);
    for (const key of ["back", "detail"] as const) expect(press(screen, key).detailFrom).toBeNull();
    expect(withHeard(screen, heard(4)).selected, "what is read does not change").toBe(2);
  });

  it("asks for what only the world outside can do, and shows how it went", () => {
    const screen = after(2);
    expect(pressed(screen, "retry").wish).toBe("retry");
    expect(pressed(screen, "open").wish).toBe("open");
    expect(pressed(screen, "quit").wish).toBe("quit");
    expect(pressed(emptyScreen("title"), "retry").wish, "nothing is there").toBeNull();
    const [first] = screen.rows;
    if (first === undefined) throw new Error("nothing was heard");
    const failed = withResult(screen, first, { status: null, ms: 3, error: "ECONNREFUSED" });
    expect(texts(failed).at(-1)).toContain("sent again: ECONNREFUSED in 3 ms");
    expect(failed.rows[0]?.forwarded?.error).toBe("ECONNREFUSED");
  });

  it("reads keys however the terminal cuts them, and passes over what it does not know", () => {
    expect(keysOf("\u001b[A\u001bOBq")).toEqual(["up", "down", "quit"]);
    expect(keysOf("kjrdo\r\u001b")).toEqual(["up", "down", "retry", "detail", "open", "detail", "back"]);
    expect(keysOf("\u0003")).toEqual(["quit"]);
    expect(keysOf("\u001b[5~xyzé😀\u001b[1;5D")).toEqual([]);
  });

  it("shows text of others as text: it neither moves the cursor nor is wider than the terminal", () => {
    const nasty = heard(1, {
      event: {
        id: "e",
        type: "incident.created",
        created_at: "x",
        payload: { incident: { number: 1, title: "\u001b[2J\u0007boom\r\n" } },
      },
    });
    for (const screen of [
      withHeard(emptyScreen("t\u001b[31m"), nasty),
      press(withHeard(emptyScreen("t"), nasty), "detail"),
    ]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left.
      for (const text of texts(screen)) expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }
    expect(fit("磁盘已满磁盘已满", 9)).toBe("磁盘已满…");
    expect(fit("e\u0301e\u0301e\u0301", 3)).toBe("e\u0301e\u0301e\u0301");
    expect(fit("x".repeat(10_000_000), 10)).toBe(`${"x".repeat(9)}…`);
  });
});
