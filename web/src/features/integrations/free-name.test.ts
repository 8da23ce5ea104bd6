import { describe, expect, it } from "vitest";
import { freeName } from "./free-name.ts";

describe("the name that an integration is given first", () => {
  it("is the platform's title when nobody has it", () => {
    expect(freeName("Datadog", ["Grafana", "Datadog EU"])).toBe("Datadog");
  });

  it("has the first free number otherwise, whatever the letters' case", () => {
    expect(freeName("Datadog", ["datadog "])).toBe("Datadog 2");
    expect(freeName("Datadog", ["Datadog", "Datadog 3", "DATADOG 2"])).toBe("Datadog 4");
  });
});
