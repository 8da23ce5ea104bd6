import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closedWindowName, describeGroup, nameGroup } from "./grouping.ts";
import { utf8Length } from "./hash.ts";

const alert = (labels: Record<string, string>, dedupKey = "k") => ({ dedupKey, labels });

describe("the name of a group", () => {
  it("holds the integration, unless the organization is the scope", () => {
    expect(nameGroup({ by: ["dedup_key"] }, "i", alert({})).key).toBe("i:k");
    expect(nameGroup({ by: ["service"], scope: "organization" }, "i", alert({ service: "api" })).key).toBe(
      "service=api",
    );
  });

  it("takes a missing label for an empty value and says which are missing, inherited names included", () => {
    expect(nameGroup({ by: ["env", "constructor"] }, "i", alert({ env: "prod" }))).toEqual({
      key: "i:env=prod,constructor=",
      missing: ["constructor"],
    });
  });

  it("is the same for two alerts exactly when they share every label that counts", () => {
    const value = fc.string({ unit: fc.constantFrom("a", ",", "=", "\\", "b") });
    const labels = fc.record({ one: value, two: value });
    fc.assert(
      fc.property(labels, labels, (first, second) => {
        const name = (given: Record<string, string>) => nameGroup({ by: ["one", "two"] }, "i", alert(given)).key;
        expect(name(first) === name(second)).toBe(first.one === second.one && first.two === second.two);
      }),
      { numRuns: 500 },
    );
  });

  it("is never longer than 255 bytes, and long names stay apart", () => {
    const name = (text: string) => nameGroup({ by: ["one"] }, "i", alert({ one: text })).key;
    const long = "ü".repeat(2_000);
    expect(utf8Length(name(long))).toBeLessThanOrEqual(255);
    expect(name(long)).not.toBe(name(`${long}x`));
    expect(utf8Length(closedWindowName("x".repeat(255), 1))).toBeLessThanOrEqual(255);
    expect(closedWindowName("g", 1)).not.toBe(closedWindowName("g", 2));
  });
});

describe("what made a group", () => {
  const byTeam = { by: ["team", "env"] };
  const infra = alert({ team: "infra" });

  it("is the sender's own key, or fields with their values, also after the window has passed", () => {
    expect(describeGroup("i:k", { by: ["dedup_key"] }, "i", infra)).toEqual({ kind: "dedup_key" });
    const fields = [
      { name: "team", value: "infra" },
      { name: "env", value: "" },
    ];
    const { key } = nameGroup(byTeam, "i", infra);
    expect(describeGroup(key, byTeam, "i", infra)).toEqual({ kind: "fields", fields });
    expect(describeGroup(closedWindowName(key, 7), byTeam, "i", infra)).toEqual({ kind: "fields", fields });
  });

  it("cannot be told once the rule or the labels have changed", () => {
    const { key } = nameGroup(byTeam, "i", infra);
    expect(describeGroup(key, { by: ["team"] }, "i", infra)).toEqual({ kind: "changed" });
    expect(describeGroup(key, byTeam, "i", alert({ team: "shop" }))).toEqual({ kind: "changed" });
  });
});
