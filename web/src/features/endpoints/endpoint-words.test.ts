import { describe, expect, it } from "vitest";
import { stateOf } from "./endpoint-words.ts";

const CLOSED = {
  state: "closed",
  opened_at: null,
  next_probe_at: null,
  held_by: null,
  consecutive_failures: 0,
  diagnosis: null,
  disabled_reason: null,
} as const;
const FULL = { in_flight_limit: 10, slowed_until: null, reason: null } as const;

describe("the state of an endpoint", () => {
  it("is told by the switch first, then the circuit, then the pace", () => {
    const open = { ...CLOSED, state: "open" } as const;
    const slowed = { ...FULL, reason: "slow" } as const;
    expect(stateOf({ enabled: true, circuit: CLOSED, pace: FULL })).toBe("sending");
    expect(stateOf({ enabled: true, circuit: CLOSED, pace: slowed })).toBe("slowed");
    expect(
      stateOf({ enabled: true, circuit: { ...open, next_probe_at: "2026-11-25T12:00:00.000Z" }, pace: slowed }),
    ).toBe("open");
    expect(stateOf({ enabled: false, circuit: open, pace: FULL })).toBe("disabled");
    expect(stateOf({ enabled: true, circuit: { ...CLOSED, state: "disabled" }, pace: FULL })).toBe("disabled");
    expect(stateOf({ enabled: true, circuit: { ...CLOSED, state: "half_open" }, pace: FULL })).toBe("trying");
  });

  it("is catching up after its circuit has closed, which is no trouble", () => {
    const pace = { ...FULL, in_flight_limit: 1, reason: "catching_up" } as const;
    expect(stateOf({ enabled: true, circuit: CLOSED, pace })).toBe("catching_up");
  });

  it("tells a circuit that a person holds open from one that tries again by itself", () => {
    expect(stateOf({ enabled: true, circuit: { ...CLOSED, state: "open", held_by: "Ada" }, pace: FULL })).toBe("held");
  });
});
