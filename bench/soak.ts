import { parseArgs } from "node:util";
import { LEAST_TELLING_T, leakyVerifier, realVerifier, timingT } from "../server/test/support/timing.ts";

// What takes too long for every run of the tests: whether the time of a refused signature tells where it is wrong, asked
// of a million samples. Exits with 1 when it does, or when the measurement would not notice.

const { values } = parseArgs({ options: { samples: { type: "string", default: "1000000" } } });
const samples = Number(values.samples);

const real = timingT(realVerifier(), samples, Math.random);
const leaky = timingT(leakyVerifier(), samples, Math.random);
const isFine = real < LEAST_TELLING_T && leaky >= LEAST_TELLING_T;
process.stdout.write(
  `A20, ${samples} samples: t = ${real.toFixed(2)} (below ${LEAST_TELLING_T} tells nothing); ` +
    `of a comparison that leaks: t = ${leaky.toFixed(1)}\n`,
);
process.exitCode = isFine ? 0 : 1;
