import { parseArgs } from "node:util";
import { LEAST_TELLING_T, leakyVerifier, realVerifier, timingT } from "../server/test/support/timing.ts";
import { failTls } from "../server/test/support/tls-failures.ts";

// What takes too long for every run of the tests: whether ten thousand TLS failures leave anything behind, and whether the
// time of a refused signature tells where it is wrong, asked of a million samples. Exits with 1 when they do, or when a
// measurement would not notice.

const { values } = parseArgs({
  options: {
    samples: { type: "string", default: "1000000" },
    failures: { type: "string", default: "10000" },
    only: { type: "string" },
  },
});
const MOST_BYTES_PER_FAILURE = 512;
let isFine = true;

if (values.only === undefined || values.only === "F33") {
  const left = await failTls(Number(values.failures));
  const outcomes = Object.entries(left.outcomes).map(([how, count]) => `${count} ${how}`);
  const isClean = Object.keys(left.outcomes).every((how) => how.endsWith(": tls"));
  isFine &&= isClean && left.openSockets === 0 && left.openHandles === 0;
  isFine &&= left.heapPerFailure < MOST_BYTES_PER_FAILURE && left.rssPerFailure < MOST_BYTES_PER_FAILURE;
  process.stdout.write(
    `F33, ${left.failures} TLS failures (${outcomes.join(", ")}): heap ${left.heapPerFailure.toFixed(0)} bytes and RSS ` +
      `${left.rssPerFailure.toFixed(0)} bytes more for each, RSS ${left.rssGrownMb.toFixed(1)} MB more in all; ` +
      `${left.openSockets} connections and ${left.openHandles} sockets left open\n`,
  );
}

if (values.only === undefined || values.only === "A20") {
  const samples = Number(values.samples);
  const real = timingT(realVerifier(), samples, Math.random);
  const leaky = timingT(leakyVerifier(), samples, Math.random);
  isFine &&= real < LEAST_TELLING_T && leaky >= LEAST_TELLING_T;
  process.stdout.write(
    `A20, ${samples} samples: t = ${real.toFixed(2)} (below ${LEAST_TELLING_T} tells nothing); ` +
      `of a comparison that leaks: t = ${leaky.toFixed(1)}\n`,
  );
}
process.exitCode = isFine ? 0 : 1;
