import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import type { Platform } from "./platform.ts";

const guide = readFileSync(join(import.meta.dirname, "../../../CONTRIBUTING.md"), "utf8");

function block(language: string): string {
  const [, text = ""] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(guide) ?? [];
  return text.replaceAll(/^ {3}/gm, "");
}

/** The guide's example as a module, its imports pointed at the real files. */
async function loadExample(): Promise<Platform> {
  const folder = mkdtempSync(join(tmpdir(), "overwatch-guide-"));
  try {
    const here = pathToFileURL(import.meta.dirname).href;
    const source = block("ts").replaceAll('"../../', `"${here}/../`).replaceAll('"../', `"${here}/`);
    const file = join(folder, "uptimekuma.ts");
    writeFileSync(file, source);
    const loaded: { uptimekuma: Platform } = await import(pathToFileURL(file).href);
    return loaded.uptimekuma;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the platform of the contributors' guide runs as it stands there, and reads the fixture beside it", async () => {
  const platform = await loadExample();
  const fixture = JSON.parse(block("json"));
  const read = (payload: typeof fixture) => platform.read(payload, { receivedAt: 1_795_176_000_000, headers: {} });
  expect(read(fixture.payload)).toMatchObject(fixture.expect);
  expect(read(fixture.payload)).toMatchObject({
    variant: fixture.variant,
    signals: [{ sourceTime: 1_795_168_800_123 }],
  });
  const up = { ...fixture.payload, heartbeat: { status: 1, time: "2026-11-20 10:05:00.000" } };
  expect(read(up)).toMatchObject({ signals: [{ dedupKey: "7", status: "resolved" }] });
  expect(read({ heartbeat: null, msg: "Testing" })).toMatchObject({ kind: "ignored", reason: "test" });
  expect(read({ heartbeat: {}, monitor: {} })).toMatchObject({ kind: "unreadable", path: "$.monitor.id" });
});
