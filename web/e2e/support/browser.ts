import { existsSync } from "node:fs";

// The first has no windows: the others draw one, with all that is around a page, for every context of every test, which
// costs five times the work.
const PLACES = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const FLAGS = [
  "--headless",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How to start the browser of this machine, null when there is none. */
export function findBrowser(): { readonly executablePath: string; readonly args: string[] } | null {
  const executablePath = process.env.OVERWATCH_CHROMIUM ?? PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) return null;
  // Chromium refuses to put root into its sandbox.
  return { executablePath, args: process.getuid?.() === 0 ? [...FLAGS, "--no-sandbox"] : FLAGS };
}
