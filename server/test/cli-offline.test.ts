import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedOptions } from "../src/cli/command.ts";
import { describeClient } from "../src/cli/program.ts";
import { readCliEnvironment } from "../src/config.ts";
import { type CliKit, createCliKit } from "./support/cli-kit.ts";

let cli: CliKit;
beforeAll(() => {
  cli = createCliKit({});
});
afterAll(() => cli.close());

const BODY = '{"id":"a"}\n';
const SECRET = "a secret of more than sixteen characters";
const STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";

it("writes its version", async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8"));
  expect(await cli.run(["--version"])).toMatchObject({ code: 0, output: `${version}\n` });
});

describe("verify and sign", () => {
  it.each([null, "pagerduty", "grafana"])(
    "agree on the scheme of %s, and a changed body is found out",
    async (platform) => {
      const scheme = platform === null ? ["--secret", STANDARD] : ["--platform", platform, "--secret", SECRET];
      const signed = await cli.run(["sign", ...scheme], { input: BODY });
      expect(signed.code, signed.errors).toBe(0);
      const headers = signed.output
        .trim()
        .split("\n")
        .flatMap((line) => ["--header", line]);
      const good = await cli.run(["verify", ...scheme, ...headers], { input: BODY });
      expect([good.code, good.output]).toEqual([0, expect.stringContaining("ok")]);
      const bad = await cli.run(["verify", ...scheme, ...headers, "--json"], { input: BODY.trim() });
      expect([bad.code, JSON.parse(bad.output)]).toEqual([
        1,
        expect.objectContaining({ ok: false, reason: "mismatch" }),
      ]);
      expect(bad.errors).toContain("the body or the secret is another one");
    },
  );

  it("explain what is missing and what is no secret, and take the secret from a file", async () => {
    const file = join(cli.home, "secret");
    writeFileSync(file, `${SECRET}\n`);
    const missing = await cli.run(["verify", "--platform", "datadog", "--secret-file", file], { input: BODY });
    expect([missing.code, missing.errors]).toEqual([1, expect.stringContaining("missing: the header is not there")]);
    expect((await cli.run(["verify", "--secret", SECRET], { input: BODY })).code).toBe(2);
    expect((await cli.run(["sign"], { input: BODY })).code).toBe(2);
  });
});

describe("completion", () => {
  it("offers commands and options to bash", async () => {
    const { output } = await cli.run(["completion", "bash"]);
    const words = (line: string): string[] =>
      spawnSync("bash", [
        "-c",
        `${output}\nCOMP_WORDS=(${line} ""); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _overwatch; echo "\${COMPREPLY[@]}"`,
      ])
        .stdout.toString()
        .trim()
        .split(" ");
    expect(words("overwatch")).toEqual(expect.arrayContaining(["listen", "incident", "doctor"]));
    expect(words("overwatch incident")).toEqual(expect.arrayContaining(["list", "ack", "merge", "unmerge"]));
    expect(words("overwatch trigger")).toEqual(expect.arrayContaining(["datadog", "--severity"]));
    for (const shell of ["zsh", "fish"]) expect((await cli.run(["completion", shell])).output).toContain("listen");
    expect((await cli.run(["completion", "cmd"])).code).toBe(2);
  });
});

describe("docs/cli.md", () => {
  const page = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");
  const program = describeClient(readCliEnvironment({}));

  /** Every command that does something, as it is typed, with its arguments. */
  function leaves(command: Command, path: string): readonly (readonly [string, Command])[] {
    return command.commands.flatMap((child) => {
      const own = `${path} ${child.name()}`.trim();
      return child.commands.length > 0 ? leaves(child, own) : [[own, child] as const];
    });
  }
  const commands = leaves(program, "").filter(([name]) => !name.endsWith("help"));

  it("lists exactly the commands that there are, each with what it does", () => {
    const rows = [...page.matchAll(/^\| `overwatch ([^`]+)` \| ([^|]+) \|/gm)];
    const listed = rows.map((row) => [row[1]?.replace(/ [<[].*$/, ""), row[2]?.trim()]);
    expect(listed.sort()).toEqual(commands.map(([name, command]) => [name, command.description()]).sort());
  });

  it("names every option, and none that does not exist", () => {
    const shared = sharedOptions().map((option) => option.long ?? "");
    const known = new Set([
      ...shared,
      ...commands.flatMap(([, command]) => command.options.map(({ long }) => long ?? "")),
    ]);
    const named = new Set([...page.matchAll(/`(?:-\w, )?(--[a-z-]+)/g)].map((match) => match[1] ?? ""));
    expect([...known].sort()).toEqual([...named].sort());
  });
});
