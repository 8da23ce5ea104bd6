import fc from "fast-check";
import { expect, test } from "vitest";
import {
  beginProbe,
  type CircuitOutcome,
  type CircuitState,
  type CircuitTransition,
  CLOSED_CIRCUIT,
  circuitPolicyOf,
  DEFAULT_CIRCUIT_POLICY,
  expireCircuit,
  maySend,
  overrideCircuit,
  recordOutcome,
} from "./circuit.ts";
import { FAILURE_REASONS } from "./failure-reason.ts";

const NOW = Date.UTC(2026, 10, 23);
const HOUR = 3_600_000;
const POLICY = DEFAULT_CIRCUIT_POLICY;

const success = (deliveryId = "ok"): CircuitOutcome => ({ deliveryId, ok: true });
const failure = (deliveryId: string, status = 503): CircuitOutcome => ({
  deliveryId,
  ok: false,
  reason: status >= 500 ? "server_error" : status === 410 ? "gone" : "client_error",
  status,
});

function feed(outcomes: readonly CircuitOutcome[], from: CircuitState = CLOSED_CIRCUIT) {
  let circuit = from;
  const transitions: CircuitTransition[] = [];
  for (const outcome of outcomes) {
    const step = recordOutcome(circuit, outcome, POLICY, NOW);
    circuit = step.circuit;
    if (step.transition !== null) transitions.push(step.transition);
  }
  return { circuit, transitions };
}

const distinct = (count: number, status = 503) =>
  Array.from({ length: count }, (_, index) => failure(`d${index}`, status));
const opened = feed(distinct(10)).circuit;

test("ten distinct deliveries failing in a row open it, and nine do not", () => {
  expect(feed(distinct(9)).circuit).toMatchObject({ state: "closed", consecutiveFailures: 9 });
  const { circuit, transitions } = feed(distinct(10));
  expect(transitions).toEqual(["opened"]);
  expect(circuit).toMatchObject({ state: "open", openedAt: NOW, nextProbeAt: NOW + 30_000, probeCount: 0 });
  expect(circuit.diagnosis).toContain("receiver");
});

test.each([400, 422, 503])("one delivery answered %i a thousand times never opens it alone", (status) => {
  const { circuit, transitions } = feed(Array.from({ length: 1_000 }, () => failure("poison", status)));
  expect(transitions).toEqual([]);
  expect(circuit).toMatchObject({ state: "closed", consecutiveFailures: 1_000, failingDeliveryIds: ["poison"] });
});

test("a success in between starts the count anew and forgets the diagnosis", () => {
  const { circuit, transitions } = feed([...distinct(9), success(), ...distinct(9)]);
  expect(transitions).toEqual([]);
  expect(circuit.consecutiveFailures).toBe(9);
  expect(feed([...distinct(9), success()]).circuit).toEqual(CLOSED_CIRCUIT);
});

test("an endpoint that fails every other delivery is never cut off", () => {
  const outcomes = Array.from({ length: 500 }, (_, index) => (index % 2 === 0 ? failure(`d${index}`) : success()));
  expect(feed(outcomes).transitions).toEqual([]);
});

test("a success of a healthy circuit changes nothing, so nothing needs to be written", () => {
  expect(recordOutcome(CLOSED_CIRCUIT, success(), POLICY, NOW).circuit).toBe(CLOSED_CIRCUIT);
});

test("while open nothing may be sent until the probe is due, and then one delivery only", () => {
  expect(maySend(CLOSED_CIRCUIT, NOW)).toBe(true);
  expect(maySend(opened, NOW + 29_999)).toBe(false);
  expect(maySend(opened, NOW + 30_000)).toBe(true);
  const probing = beginProbe(opened, NOW + 90_000);
  expect(probing.state).toBe("half_open");
  expect(maySend(probing, NOW + 30_001)).toBe(false);
  expect(maySend(probing, NOW + 90_000)).toBe(true);
});

test("failed probes wait 60, 120, 240, 480 and then 900 seconds, and the opening time stays", () => {
  let circuit = opened;
  let now = NOW;
  const delays: number[] = [];
  for (let probe = 0; probe < 6; probe += 1) {
    now = circuit.nextProbeAt ?? now;
    circuit = recordOutcome(beginProbe(circuit, now + 60_000), failure(`p${probe}`), POLICY, now).circuit;
    delays.push(((circuit.nextProbeAt ?? 0) - now) / 1_000);
  }
  expect(delays).toEqual([60, 120, 240, 480, 900, 900]);
  expect(circuit).toMatchObject({ state: "open", openedAt: NOW, probeCount: 6 });
});

test("a first probe that is wanted later than the longest wait comes when it is wanted, and so do the next", () => {
  const policy = circuitPolicyOf({ first_probe_seconds: 3_600, failure_threshold: 1 });
  const opened = recordOutcome(CLOSED_CIRCUIT, failure("a"), policy, NOW).circuit;
  expect(opened.nextProbeAt).toBe(NOW + HOUR);
  const failed = recordOutcome(beginProbe(opened, NOW + HOUR + 60_000), failure("p"), policy, NOW + HOUR).circuit;
  expect(failed.nextProbeAt).toBe(NOW + 2 * HOUR);
});

test("a successful probe closes it and starts afresh", () => {
  expect(recordOutcome(beginProbe(opened, NOW), success(), POLICY, NOW)).toEqual({
    circuit: CLOSED_CIRCUIT,
    transition: "closed",
  });
});

test("late outcomes of attempts that began before it opened can close it but not push the probe back", () => {
  expect(recordOutcome(opened, failure("late"), POLICY, NOW + 5_000)).toEqual({ circuit: opened, transition: null });
  expect(recordOutcome(opened, success(), POLICY, NOW + 5_000).transition).toBe("closed");
});

test("a 410 disables in every state and says so", () => {
  for (const circuit of [CLOSED_CIRCUIT, opened, beginProbe(opened, NOW)]) {
    const step = recordOutcome(circuit, failure("d", 410), POLICY, NOW);
    expect(step.transition).toBe("disabled");
    expect(step.circuit).toMatchObject({
      state: "disabled",
      nextProbeAt: null,
      disabledReason: expect.stringContaining("410"),
    });
  }
});

test("open for longer than 72 hours it is disabled, by the clock alone or by a failed probe", () => {
  expect(expireCircuit(opened, POLICY, NOW + 72 * HOUR).transition).toBeNull();
  expect(expireCircuit(opened, POLICY, NOW + 72 * HOUR + 1)).toMatchObject({
    transition: "disabled",
    circuit: { state: "disabled", disabledReason: expect.stringContaining("72 hours") },
  });
  const probe = recordOutcome(beginProbe(opened, NOW), failure("p"), POLICY, NOW + 73 * HOUR);
  expect(probe.transition).toBe("disabled");
  expect(recordOutcome(beginProbe(opened, NOW), success(), POLICY, NOW + 73 * HOUR).transition).toBe("closed");
});

test("a disabled circuit ignores every outcome until a person enables it", () => {
  const disabled = overrideCircuit(opened, "disable", "Ada", NOW).circuit;
  expect(disabled.disabledReason).toContain("Ada");
  expect(feed([success(), ...distinct(30)], disabled).circuit).toBe(disabled);
  expect(expireCircuit(disabled, POLICY, NOW + 1_000 * HOUR).circuit).toBe(disabled);
  expect(maySend(disabled, NOW + 1_000 * HOUR)).toBe(false);
  expect(overrideCircuit(disabled, "enable", "Ada", NOW)).toEqual({ circuit: CLOSED_CIRCUIT, transition: "closed" });
});

test("held open by a person it neither probes nor closes nor expires until a person acts", () => {
  const { circuit: held, transition } = overrideCircuit(CLOSED_CIRCUIT, "open", "Ada", NOW);
  expect(transition).toBe("opened");
  expect(held.diagnosis).toContain("Ada");
  expect(maySend(held, NOW + 1_000 * HOUR)).toBe(false);
  expect(feed([success(), ...distinct(30)], held).circuit).toBe(held);
  expect(expireCircuit(held, POLICY, NOW + 1_000 * HOUR).circuit).toBe(held);
  expect(overrideCircuit(held, "open", "Bob", NOW).circuit).toBe(held);
  expect(overrideCircuit(held, "close", "Ada", NOW)).toEqual({ circuit: CLOSED_CIRCUIT, transition: "closed" });
});

test.each([
  [success(), "was accepted"],
  [failure("p"), "fails on its side"],
  [failure("p", 410), "410"],
] as const)("what a person holds open stays held after one delivery was let through: %o", (outcome, words) => {
  const held = overrideCircuit(CLOSED_CIRCUIT, "open", "Ada", NOW).circuit;
  const due = overrideCircuit(held, "probe", "Bob", NOW + 1).circuit;
  expect(maySend(due, NOW + 1)).toBe(true);
  expect(recordOutcome(due, success("late"), POLICY, NOW + 1).circuit, "an attempt from before the hold").toBe(due);
  const { circuit, transition } = recordOutcome(beginProbe(due, NOW + 60_000), outcome, POLICY, NOW + 2);
  expect(transition).toBeNull();
  expect(circuit).toMatchObject({ state: "open", heldBy: "Ada", nextProbeAt: null, openedAt: NOW });
  expect(circuit.diagnosis).toContain("Held open by Ada");
  expect(circuit.diagnosis).toContain(words);
  expect(maySend(circuit, NOW + 1_000 * HOUR)).toBe(false);
  expect(expireCircuit(circuit, POLICY, NOW + 1_000 * HOUR).circuit).toBe(circuit);
  expect(overrideCircuit(circuit, "close", "Ada", NOW)).toEqual({ circuit: CLOSED_CIRCUIT, transition: "closed" });
});

test("a person can let one delivery through at once", () => {
  const due = overrideCircuit(opened, "probe", "Ada", NOW + 1).circuit;
  expect(maySend(due, NOW + 1)).toBe(true);
  expect(due.openedAt).toBe(NOW);
  expect(overrideCircuit(CLOSED_CIRCUIT, "probe", "Ada", NOW).circuit).toBe(CLOSED_CIRCUIT);
});

test("repeating what a person decided is not announced twice", () => {
  expect(overrideCircuit(CLOSED_CIRCUIT, "close", "Ada", NOW).transition).toBeNull();
  const disabled = overrideCircuit(CLOSED_CIRCUIT, "disable", "Ada", NOW).circuit;
  expect(overrideCircuit(disabled, "disable", "Bob", NOW).transition).toBeNull();
  expect(overrideCircuit(opened, "open", "Ada", NOW).transition).toBeNull();
});

test("a template that cannot be rendered neither opens a circuit nor counts as a failed probe", () => {
  const render = (deliveryId: string): CircuitOutcome => ({ deliveryId, ok: false, reason: "render" });
  const { circuit } = feed(Array.from({ length: 50 }, (_, index) => render(`d${index}`)));
  expect(circuit).toMatchObject({ state: "closed", consecutiveFailures: 50, failingDeliveryIds: [] });
  expect(circuit.diagnosis).toMatch(/could not be rendered.*mend/);
  expect(feed([success()], circuit).circuit).toEqual(CLOSED_CIRCUIT);
  // Nothing was sent: another delivery may ask the receiver at once.
  expect(recordOutcome(beginProbe(opened, NOW), render("d"), POLICY, NOW).circuit).toMatchObject({
    state: "open",
    probeCount: 0,
    nextProbeAt: NOW,
  });
});

test("after any sequence it opened only on enough distinct deliveries since the last success, and stays bounded", () => {
  const outcomes = fc.record({
    deliveryId: fc.integer({ min: 0, max: 12 }).map(String),
    kind: fc.constantFrom("ok", ...FAILURE_REASONS.filter((reason) => reason !== "gone")),
  });
  fc.assert(
    fc.property(
      fc.array(outcomes, { maxLength: 200 }),
      fc.integer({ min: 1, max: 8 }),
      (sequence, failure_threshold) => {
        const policy = circuitPolicyOf({ failure_threshold });
        let circuit = CLOSED_CIRCUIT;
        let failing = new Set<string>();
        for (const { deliveryId, kind } of sequence) {
          const outcome: CircuitOutcome =
            kind === "ok" ? { deliveryId, ok: true } : { deliveryId, ok: false, reason: kind };
          const step = recordOutcome(circuit, outcome, policy, NOW);
          if (kind === "ok") failing = new Set();
          else if (kind !== "render") failing.add(deliveryId);
          expect(step.circuit.state === "open").toBe(failing.size >= failure_threshold);
          expect(step.transition === "opened").toBe(circuit.state === "closed" && step.circuit.state === "open");
          expect(step.circuit.failingDeliveryIds.length).toBeLessThanOrEqual(failure_threshold);
          expect(new Set(step.circuit.failingDeliveryIds).size).toBe(step.circuit.failingDeliveryIds.length);
          circuit = step.circuit;
        }
      },
    ),
  );
});
