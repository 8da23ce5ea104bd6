import { expect, it } from "vitest";
import { overrideFor, settingsFor } from "./override.ts";

const names = new Set(["incident.resolved", "incident.*", "*"]);

it("the type goes before its wildcard, the wildcard before the star", () => {
  expect(overrideFor(names, "incident.resolved")).toBe("incident.resolved");
  expect(overrideFor(names, "incident.created")).toBe("incident.*");
  expect(overrideFor(names, "test.ping")).toBe("*");
  expect(overrideFor(new Set(["incident.resolved"]), "incident.created")).toBeNull();
});

it("what an override leaves out is the endpoint's own, and nothing comes from a wider override", () => {
  const own = { url: "https://a.example/", method: "POST", template: { a: 1 } } as const;
  const overrides = { "incident.resolved": { method: "PATCH" }, "*": { template: null } } as const;
  expect(settingsFor(own, overrides, "incident.resolved")).toEqual({ ...own, method: "PATCH" });
  expect(settingsFor(own, overrides, "test.ping")).toEqual({ ...own, template: null });
});
