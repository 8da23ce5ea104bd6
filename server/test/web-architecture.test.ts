import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findCycles, type SourceFile } from "./support/architecture.ts";
import { findWebViolations } from "./support/web-architecture.ts";

const SOURCES = join(import.meta.dirname, "../../web/src");

function readSources(folder = ""): readonly SourceFile[] {
  return readdirSync(join(SOURCES, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return readSources(path);
    return /\.(tsx?|css)$/.test(path) ? [{ path, text: readFileSync(join(SOURCES, path), "utf8") }] : [];
  });
}

describe("the architecture of the console", () => {
  it("holds in every source file", () => {
    const sources = readSources();
    expect(sources.length).toBeGreaterThan(50);
    expect(findWebViolations(sources)).toEqual([]);
  });

  it("has no file that comes to need itself", () => {
    expect(findCycles(readSources())).toEqual([]);
    const late = { path: "ui/a.tsx", text: 'const B = late(() => import("./b.tsx"));' };
    expect(findCycles([late, { path: "ui/b.tsx", text: 'import type { A } from "./a.tsx";' }])).toHaveLength(1);
  });

  it.each([
    ["a feature that imports a feature", "features/alerts/a.tsx", 'import { X } from "../incidents/x.tsx";'],
    ["a late import of another feature", "features/alerts/a.ts", 'const x = () => import("../incidents/x.tsx");'],
    ["a feature that knows the frame", "features/alerts/a.tsx", 'import { Shell } from "../../app/shell.tsx";'],
    ["ui that knows a feature", "ui/a.tsx", 'import { X } from "../features/alerts/x.tsx";'],
    ["lib that knows ui", "lib/a.ts", 'import { X } from "../ui/x.tsx";'],
    ["code of the server", "lib/a.ts", 'import { X } from "../../../server/src/api/contract.ts";'],
    ["another file of the server", "lib/a.ts", 'import type { X } from "../../../server/src/core/alert.ts";'],
    ["HTML made of text", "ui/a.tsx", "const a = <p dangerouslySetInnerHTML={{ __html: text }} />;"],
    ["a name in camel case", "ui/myThing.tsx", ""],
    ["a file that is too long", "ui/long.tsx", "// line\n".repeat(401)],
  ])("refuses %s", (_what, path, text) => {
    expect(findWebViolations([{ path, text }])).toHaveLength(1);
  });

  it.each([
    ["types of the contract", "lib/a.ts", 'import type { X } from "../../../server/src/api/contract.ts";'],
    ["a file of the same feature", "features/alerts/a.tsx", 'import { X } from "./x.tsx";'],
    ["the parents of routes", "features/alerts/routes.ts", 'import { c } from "../../app/parent-routes.tsx";'],
  ])("lets %s pass", (_what, path, text) => {
    expect(findWebViolations([{ path, text }])).toEqual([]);
  });
});
