// Loaded by run.mjs before the program it runs: when run.mjs is killed the channel to it closes, and the program stops
// in order. Programs further down inherit the option and not the channel, so the name of the parent is checked.
import { isMainThread } from "node:worker_threads";

const parent = Number(new URL(import.meta.url).searchParams.get("parent"));
if (isMainThread && process.channel && process.ppid === parent) {
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  // The channel must not keep alive a program that has nothing left to do.
  process.channel.unref();
}
