import type { RefusalWire } from "../../../../server/src/api/contract.ts";

/** One thing that is known about a refused webhook, in words. */
export type RefusalFact = { readonly name: string; readonly value: string };

const NAMES: Readonly<Record<string, string>> = {
  verification: "Proof asked for",
  header: "Header",
  received: "What came",
  clock_skew_seconds: "Clocks differ by, in seconds",
  is_compressed: "Compressed",
  user_agent: "User agent",
  limit_bytes: "Largest body",
  retry_after_seconds: "May come again after, in seconds",
};

/** What is known about a refusal: what came, what was computed with which secret, and the rest as it is. */
export function refusalFacts(details: RefusalWire["details"]): readonly RefusalFact[] {
  const facts: RefusalFact[] = [];
  for (const [key, name] of Object.entries(NAMES)) {
    const value = details[key];
    if (typeof value === "string" || typeof value === "number") facts.push({ name, value: String(value) });
    else if (value === true) facts.push({ name, value: "yes" });
  }
  const secrets = Array.isArray(details.secrets) ? details.secrets : [];
  for (const secret of secrets) {
    if (typeof secret !== "object" || secret === null || Array.isArray(secret)) continue;
    const { hint, computed, state } = secret;
    const which = `${state === "previous" ? "the old secret" : "the secret"} that ends in ${textOf(hint).replace(/^…/, "")}`;
    facts.push(
      typeof computed === "string"
        ? { name: `Computed with ${which}`, value: computed }
        : { name: "Known secret", value: which },
    );
  }
  return facts;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "?";
}
