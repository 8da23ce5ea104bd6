import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

type Locked = {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly hasInstallScript?: boolean;
};

const ROOT = join(import.meta.dirname, "../..");

describe.each(["package-lock.json", "tools/runtime/package-lock.json"])("%s", (path) => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, path), "utf8")) as { packages: Record<string, Locked> };

  it("names the optional packages of every platform, or npm ci would refuse it", () => {
    const missing = Object.values(packages)
      .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
      .filter((name) => !Object.keys(packages).some((key) => key.endsWith(`node_modules/${name}`)));
    expect(missing).toEqual([]);
  });
});
