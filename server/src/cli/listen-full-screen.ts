import { spawn } from "node:child_process";
import { emptyScreen, keysOf, type ListenScreen, linesOf, pressed, withHeard, withResult } from "./listen-screen.ts";
import { incidentOf, type ListenView } from "./listen-view.ts";
import { openScreen } from "./terminal-screen.ts";

const DRAW_EVERY_MS = 30;

/** The full screen of `listen`, or null where there is no terminal for it. `onQuit` is called when a person has enough. */
export function openFullScreen(title: string, onQuit: () => void): ListenView | null {
  let screen: ListenScreen = emptyScreen(title);
  let timer: NodeJS.Timeout | null = null;
  const terminal = openScreen({ input: (text) => keysOf(text).forEach(press), resize: () => show(screen) });
  if (terminal === null) return null;

  function show(next: ListenScreen): void {
    screen = next;
    timer ??= setTimeout(() => {
      timer = null;
      terminal?.draw(linesOf(screen, terminal.size()));
    }, DRAW_EVERY_MS);
  }

  function press(key: Parameters<typeof pressed>[1]): void {
    const { screen: next, wish } = pressed(screen, key);
    show(next);
    if (wish === "quit") onQuit();
    if (wish === "retry") void retry();
    if (wish === "open") open();
  }

  async function retry(): Promise<void> {
    const heard = screen.rows[screen.selected];
    if (heard === undefined) return;
    if (heard.again === null) {
      show({ ...screen, notice: "nowhere to send it: start with --forward-to" });
      return;
    }
    show({ ...screen, notice: "sending again" });
    const forwarded = await heard.again();
    show(withResult(screen, heard, forwarded));
  }

  function open(): void {
    const heard = screen.rows[screen.selected];
    const url = heard === undefined ? null : incidentOf(heard.event)?.url;
    if (typeof url !== "string" || !/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
      show({ ...screen, notice: "this event belongs to no incident" });
      return;
    }
    show({ ...screen, notice: url });
    const [command, args] = openerOf(process.platform, url);
    const child = spawn(command, args, { detached: true, stdio: "ignore" });
    child.on("error", () => show({ ...screen, notice: `no browser was found; the address is ${url}` }));
    child.unref();
  }

  show(screen);
  return {
    // The title says the rest.
    ready: () => show({ ...screen, notice: "connected" }),
    say: (line) => show({ ...screen, notice: line }),
    tell: (heard) => show(withHeard(screen, heard)),
    close() {
      if (timer !== null) clearTimeout(timer);
      terminal.close();
    },
  };
}

/** The program that shows a URL in a browser; no shell is in between. */
function openerOf(platform: NodeJS.Platform, url: string): readonly [string, readonly string[]] {
  if (platform === "darwin") return ["open", [url]];
  return platform === "win32" ? ["rundll32", ["url.dll,FileProtocolHandler", url]] : ["xdg-open", [url]];
}
