import { diagnose, type Failure } from "./diagnosis.ts";
import { capText } from "./text.ts";

/** An endpoint's breaker; times are epoch milliseconds. */
export type CircuitState = {
  readonly state: "closed" | "open" | "half_open" | "disabled";
  /** Failures without a success in between, of whatever deliveries. */
  readonly consecutiveFailures: number;
  /** The distinct deliveries that these failures belong to, at most as many as the threshold. */
  readonly failingDeliveryIds: readonly string[];
  readonly openedAt: number | null;
  /** When the next probe may go, or, while one is under way, when it counts as lost; null while nothing may go. */
  readonly nextProbeAt: number | null;
  /** Who holds it open until somebody closes it, or null. */
  readonly heldBy: string | null;
  /** Probes that failed since it opened. */
  readonly probeCount: number;
  /** What is wrong and what to do about it, for people. */
  readonly diagnosis: string | null;
  readonly disabledReason: string | null;
};

/** When a circuit opens and how it recovers, as written in an endpoint's `circuit`. */
export type CircuitPolicy = {
  /** So many distinct deliveries must fail in a row. */
  readonly failure_threshold: number;
  readonly first_probe_seconds: number;
  readonly max_probe_seconds: number;
  /** Open for longer than this, an endpoint is disabled until a person acts. */
  readonly disable_after_seconds: number;
};

/** Ten deliveries; probes after 30 s, 1, 2, 4, 8 and then every 15 minutes; disabled after 72 hours. */
export const DEFAULT_CIRCUIT_POLICY: CircuitPolicy = {
  failure_threshold: 10,
  first_probe_seconds: 30,
  max_probe_seconds: 900,
  disable_after_seconds: 72 * 3_600,
};

/** How one attempt of a delivery ended. */
export type CircuitOutcome = { readonly deliveryId: string } & (
  | { readonly ok: true }
  | ({ readonly ok: false } & Failure)
);

/** What a step changed that others must hear of; null when nothing of that kind. */
export type CircuitTransition = "opened" | "closed" | "disabled" | null;

/** The state after a step; the very same object when nothing changed, so that nothing needs to be written. */
export type CircuitStep = { readonly circuit: CircuitState; readonly transition: CircuitTransition };

/** What a person can do to a circuit; `probe` lets one delivery through at once. */
export type CircuitAction = "close" | "open" | "disable" | "enable" | "probe";

/** The circuit of a new endpoint, and of one that just succeeded. */
export const CLOSED_CIRCUIT: CircuitState = {
  state: "closed",
  consecutiveFailures: 0,
  failingDeliveryIds: [],
  openedAt: null,
  nextProbeAt: null,
  heldBy: null,
  probeCount: 0,
  diagnosis: null,
  disabledReason: null,
};

/** The policy as written with the defaults for what is absent. */
export function circuitPolicyOf(written: Partial<CircuitPolicy>): CircuitPolicy {
  return { ...DEFAULT_CIRCUIT_POLICY, ...written };
}

/**
 * Takes the outcome of an attempt into account. A success closes; a 410 disables; the threshold counts distinct
 * deliveries, so one delivery that the receiver keeps refusing never opens it alone. A late outcome of an attempt that
 * began before it opened can close it, but not push the next probe back. What a person holds open stays held, whatever
 * became of a delivery that was let through.
 */
export function recordOutcome(
  circuit: CircuitState,
  outcome: CircuitOutcome,
  policy: CircuitPolicy,
  now: number,
): CircuitStep {
  if (circuit.state === "disabled") return unchanged(circuit);
  if (isHeldByPerson(circuit)) return circuit.state === "half_open" ? heldAgain(circuit, outcome) : unchanged(circuit);
  if (outcome.ok) return closed(circuit);
  if (outcome.reason === "gone") return disabled(circuit, diagnose(outcome));
  if (circuit.state === "closed") return countFailure(circuit, outcome, policy, now);
  if (circuit.state === "half_open") return failedProbe(circuit, outcome, policy, now);
  return unchanged(circuit);
}

/** True when an endpoint with this circuit may be sent a delivery now; unless it is closed, a single one as a probe. */
export function maySend(circuit: CircuitState, now: number): boolean {
  if (circuit.state === "closed") return true;
  return circuit.state !== "disabled" && circuit.nextProbeAt !== null && now >= circuit.nextProbeAt;
}

/** Marks a probe as under way until `lostAt`; a probe whose node vanished is then simply made again. */
export function beginProbe(circuit: CircuitState, lostAt: number): CircuitState {
  return { ...circuit, state: "half_open", nextProbeAt: lostAt };
}

/** Disables an endpoint whose circuit has been open for too long, also when nothing was sent meanwhile. */
export function expireCircuit(circuit: CircuitState, policy: CircuitPolicy, now: number): CircuitStep {
  if ((circuit.state !== "open" && circuit.state !== "half_open") || isHeldByPerson(circuit)) return unchanged(circuit);
  if (!hasExpired(circuit, policy, now)) return unchanged(circuit);
  return disabled(
    circuit,
    `No delivery has succeeded for ${duration(policy.disable_after_seconds)}. ${circuit.diagnosis ?? ""}`.trim(),
  );
}

/** Applies what a person decided; `by` names the person in the diagnosis. Repeating a decision changes nothing. */
export function overrideCircuit(circuit: CircuitState, action: CircuitAction, by: string, now: number): CircuitStep {
  switch (action) {
    case "close":
    case "enable":
      return closed(circuit);
    case "disable":
      return circuit.state === "disabled" ? unchanged(circuit) : disabled(circuit, `Disabled by ${by}.`);
    case "open": {
      if (isHeldByPerson(circuit)) return unchanged(circuit);
      const diagnosis = heldDiagnosis(by);
      const opened: CircuitState = { ...CLOSED_CIRCUIT, state: "open", openedAt: now, heldBy: by, diagnosis };
      return {
        circuit: opened,
        transition: circuit.state === "open" || circuit.state === "half_open" ? null : "opened",
      };
    }
    case "probe":
      if (circuit.state === "closed" || circuit.state === "disabled") return unchanged(circuit);
      return { circuit: { ...circuit, state: "open", nextProbeAt: now }, transition: null };
  }
}

function countFailure(
  circuit: CircuitState,
  failure: CircuitOutcome & Failure,
  policy: CircuitPolicy,
  now: number,
): CircuitStep {
  const known = circuit.failingDeliveryIds;
  // A template that cannot be rendered says nothing about the receiver: it is told of, and opens nothing.
  const isKnown = failure.reason === "render" || known.includes(failure.deliveryId);
  const failingDeliveryIds = isKnown ? known : [...known, failure.deliveryId];
  const consecutiveFailures = circuit.consecutiveFailures + 1;
  const counted = { ...circuit, consecutiveFailures, failingDeliveryIds, diagnosis: diagnose(failure) };
  if (failingDeliveryIds.length < policy.failure_threshold) return { circuit: counted, transition: null };
  const nextProbeAt = now + probeDelayMs(0, policy);
  return { circuit: { ...counted, state: "open", openedAt: now, nextProbeAt, probeCount: 0 }, transition: "opened" };
}

function failedProbe(
  circuit: CircuitState,
  failure: CircuitOutcome & Failure,
  policy: CircuitPolicy,
  now: number,
): CircuitStep {
  // Nothing was sent, so the receiver can be asked at once by another delivery.
  if (failure.reason === "render") {
    return { circuit: { ...circuit, state: "open", nextProbeAt: now, diagnosis: diagnose(failure) }, transition: null };
  }
  const probeCount = circuit.probeCount + 1;
  const reopened: CircuitState = {
    ...circuit,
    state: "open",
    consecutiveFailures: circuit.consecutiveFailures + 1,
    openedAt: circuit.openedAt ?? now,
    nextProbeAt: now + probeDelayMs(probeCount, policy),
    probeCount,
    diagnosis: diagnose(failure),
  };
  const step = expireCircuit(reopened, policy, now);
  return step.transition === null ? { circuit: reopened, transition: null } : step;
}

function closed(circuit: CircuitState): CircuitStep {
  const isClean =
    circuit.state === "closed" && circuit.consecutiveFailures === 0 && circuit.failingDeliveryIds.length === 0;
  if (isClean) return unchanged(circuit);
  return { circuit: CLOSED_CIRCUIT, transition: circuit.state === "closed" ? null : "closed" };
}

/** A held circuit after the one delivery that a person let through. */
function heldAgain(circuit: CircuitState, outcome: CircuitOutcome): CircuitStep {
  const heldBy = circuit.heldBy ?? "a person";
  const told = outcome.ok ? "The delivery that was let through was accepted." : diagnose(outcome);
  const diagnosis = capText(`${heldDiagnosis(heldBy)} ${told}`, 500);
  return { circuit: { ...circuit, state: "open", nextProbeAt: null, heldBy, diagnosis }, transition: null };
}

function heldDiagnosis(by: string): string {
  return `Held open by ${by}; nothing is sent until somebody closes it.`;
}

function disabled(circuit: CircuitState, disabledReason: string): CircuitStep {
  const next: CircuitState = { ...circuit, state: "disabled", nextProbeAt: null, heldBy: null, disabledReason };
  return { circuit: next, transition: "disabled" };
}

function unchanged(circuit: CircuitState): CircuitStep {
  return { circuit, transition: null };
}

function isHeldByPerson(circuit: CircuitState): boolean {
  // A node of an older release writes a hold as a missing probe alone.
  return circuit.heldBy !== null || (circuit.state === "open" && circuit.nextProbeAt === null);
}

function hasExpired(circuit: CircuitState, policy: CircuitPolicy, now: number): boolean {
  return circuit.openedAt !== null && now - circuit.openedAt > policy.disable_after_seconds * 1_000;
}

function probeDelayMs(failedProbes: number, policy: CircuitPolicy): number {
  // Whoever asks for a late first probe and leaves the default of the longest wait wants it late.
  const longest = Math.max(policy.max_probe_seconds, policy.first_probe_seconds);
  return Math.min(longest, policy.first_probe_seconds * 2 ** failedProbes) * 1_000;
}

function duration(seconds: number): string {
  if (seconds % 3_600 === 0) return `${seconds / 3_600} hours`;
  return seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`;
}
