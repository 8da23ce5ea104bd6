import { type ChildProcess, spawn } from "node:child_process";
import { type Account, asAccount } from "./account.ts";

/** Watches over a PostgreSQL: stops it when our process is gone, however it went. */
export type Guard = {
  /** Ends the watch and leaves PostgreSQL as it is. */
  release(): void;
};

// Reads the pipe from us until it closes. A line means that all is well; the end without a line means that we died.
// Then the server that the pid file names is asked for a fast shutdown, and made to stop after ten seconds.
const SCRIPT = `
if read -r line; then exit 0; fi
read -r pid < "$1/postmaster.pid" || exit 0
kill -INT "$pid" || exit 0
i=0
while [ $i -lt 10 ]; do
  sleep 1
  kill -0 "$pid" || exit 0
  i=$((i + 1))
done
kill -QUIT "$pid"
`;

/**
 * Starts the guard, a shell in a session of its own whose standard input is a pipe from this process. The kernel
 * closes the pipe when this process ends, SIGKILL included; without a guard the server would live on as an orphan.
 */
export function startGuard(clusterDir: string, account: Account | null): Guard {
  const child: ChildProcess = spawn("/bin/sh", ["-c", SCRIPT, "overwatch-postgres-guard", clusterDir], {
    ...asAccount(account),
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.on("error", () => undefined);
  child.stdin?.on("error", () => undefined);
  child.unref();
  return {
    release() {
      child.stdin?.end("released\n");
    },
  };
}
