import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Alert, applySignal, resolveAsStale, resolveByHand } from "./alert.ts";
import type { Signal, SignalStatus } from "./signal.ts";

const RECEIVED_AT = 1_000_000;

function signal(status: SignalStatus, sourceTime: number, settings: Partial<Signal> = {}): Signal {
  return {
    externalId: "e",
    dedupKey: "k",
    dedupKeyFrom: ["$.id"],
    status,
    severity: "high",
    title: `${status} ${sourceTime}`,
    description: "",
    labels: {},
    links: [],
    sourceTime,
    note: null,
    ...settings,
  };
}

const setting = { organizationId: "o", integrationId: "i", newId: "a", receivedAt: RECEIVED_AT, isCounted: true };

function feed(signals: readonly Signal[], start: Alert | null = null): Alert | null {
  return signals.reduce<Alert | null>((alert, one) => applySignal(alert, one, setting).after, start);
}

/** The model: what a person would say who reads the signals in the order of their source times. */
function model(signals: readonly Signal[]): { firing: boolean; acknowledged: boolean; title: string } {
  const rank: Record<string, number> = { firing: 0, acknowledged: 1, unacknowledged: 2, resolved: 3 };
  const sorted = signals.toSorted(
    (one, other) => one.sourceTime - other.sourceTime || (rank[one.status] ?? 0) - (rank[other.status] ?? 0),
  );
  let state = { firing: false, acknowledged: false, title: sorted[0]?.title ?? "" };
  for (const one of sorted) {
    if (one.status === "resolved") state = { ...state, firing: false, acknowledged: false };
    else state = { firing: true, acknowledged: acknowledgedAfter(state.acknowledged, one.status), title: one.title };
  }
  return state;
}

function acknowledgedAfter(before: boolean, status: SignalStatus): boolean {
  if (status === "acknowledged") return true;
  return status === "unacknowledged" ? false : before;
}

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}

const statuses = fc.constantFrom<SignalStatus>("firing", "acknowledged", "unacknowledged", "resolved");

describe("the state of an alert", () => {
  it("is that of the model fed in source-time order, for every order of arrival of up to five signals", () => {
    fc.assert(
      fc.property(fc.array(statuses, { minLength: 1, maxLength: 5 }), (kinds) => {
        const signals = kinds.map((status, index) => signal(status, index + 1));
        const expected = model(signals);
        for (const arrival of permutations(signals)) {
          const alert = feed(arrival);
          expect({ firing: alert?.status === "firing", acknowledged: alert?.acknowledged }).toEqual({
            firing: expected.firing,
            acknowledged: expected.acknowledged,
          });
          if (kinds.some((status) => status !== "resolved")) expect(alert?.title).toBe(newestEvidence(signals));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is the same for every order of arrival when source times are equal, and the resolve wins", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ status: statuses, at: fc.integer({ min: 1, max: 3 }) }), { minLength: 1, maxLength: 5 }),
        (drafts) => {
          const signals = drafts.map(({ status, at }) => signal(status, at));
          const seen = new Set(
            permutations(signals).map((arrival) => {
              const alert = feed(arrival);
              return `${alert?.status} ${alert?.acknowledged} ${alert?.firedAt} ${alert?.resolvedAt}`;
            }),
          );
          expect(seen.size).toBe(1);
        },
      ),
      { numRuns: 150 },
    );
    expect(feed([signal("firing", 5), signal("resolved", 5)])?.status).toBe("resolved");
    expect(feed([signal("resolved", 5), signal("firing", 5)])?.status).toBe("resolved");
  });

  it("is not changed by hearing any of its signals again", () => {
    fc.assert(
      fc.property(fc.array(statuses, { minLength: 1, maxLength: 8 }), fc.nat(), (kinds, pick) => {
        const signals = kinds.map((status, index) => signal(status, index + 1));
        const alert = feed(signals);
        const again = signals[pick % signals.length];
        if (alert === null || again === undefined) return;
        const { after } = applySignal(alert, again, { ...setting, isCounted: false });
        expect(after).toEqual(alert);
      }),
    );
  });
});

function newestEvidence(signals: readonly Signal[]): string {
  const evidence = signals.filter((one) => one.status !== "resolved");
  return evidence.toSorted((one, other) => other.sourceTime - one.sourceTime)[0]?.title ?? "";
}

describe("what a signal does", () => {
  it("leaves a tombstone when a resolve meets nothing, and an older firing does not wake it", () => {
    const first = applySignal(null, signal("resolved", 10), setting);
    expect(first.kind).toBe("tombstone");
    const late = applySignal(first.after, signal("firing", 9), setting);
    expect(late.kind).toBe("older_than_resolve");
    expect(late.after.status).toBe("resolved");
    expect(applySignal(late.after, signal("firing", 11), setting).kind).toBe("fired");
  });

  it("keeps what is known when a resolve or an older firing says less", () => {
    const fired = feed([signal("firing", 10, { title: "Full", labels: { host: "a" }, severity: "critical" })]);
    const resolved = applySignal(fired, signal("resolved", 20, { title: "", severity: "info" }), setting).after;
    expect(resolved).toMatchObject({ title: "Full", labels: { host: "a" }, severity: "critical", status: "resolved" });
    const older = applySignal(fired, signal("firing", 5, { title: "Old", severity: "low" }), setting).after;
    expect(older).toMatchObject({ title: "Full", severity: "critical", status: "firing" });
  });

  it("names a repeat with the same source time as such, and a newer one not", () => {
    const fired = feed([signal("firing", 10, { title: "Full" })]);
    expect(applySignal(fired, signal("firing", 10, { title: "Full" }), setting).isRepeat).toBe(true);
    expect(applySignal(fired, signal("firing", 11, { title: "Full" }), setting).isRepeat).toBe(false);
    expect(applySignal(fired, signal("firing", 10, { title: "Fuller" }), setting).isRepeat).toBe(false);
  });

  it("counts signals once, and those of a replay not again", () => {
    const fired = feed([signal("firing", 10), signal("firing", 11)]);
    expect(fired?.signalCount).toBe(2);
    expect(applySignal(fired, signal("firing", 10), { ...setting, isCounted: false }).after.signalCount).toBe(2);
  });
});

describe("a resolution that no signal brought", () => {
  it("by hand holds against everything but a newer firing, even with a source whose clock is ahead", () => {
    const fired = feed([signal("firing", RECEIVED_AT + 500)]) as Alert;
    const resolved = resolveByHand(fired, RECEIVED_AT);
    expect(applySignal(resolved, signal("firing", RECEIVED_AT + 500), setting).after.status).toBe("resolved");
    expect(applySignal(resolved, signal("firing", RECEIVED_AT + 501), setting).after.status).toBe("firing");
  });

  it("as stale ends with the very same firing heard again, but not with an older one or a resolve", () => {
    const stale = resolveAsStale(feed([signal("firing", 10)]) as Alert);
    expect(stale.status).toBe("resolved");
    expect(applySignal(stale, signal("firing", 10), setting).kind).toBe("fired");
    expect(applySignal(stale, signal("firing", 9), setting).after.status).toBe("resolved");
    expect(applySignal(stale, signal("resolved", 9), setting).after.status).toBe("resolved");
  });
});
