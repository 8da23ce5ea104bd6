import type { ReceiptWire } from "../../../server/src/api/contract.ts";

/** The states of a receipt, in the order in which people look for them. */
export const RECEIPT_STATUSES = ["quarantined", "queued", "processed", "duplicate", "ignored"] as const;

type Status = ReceiptWire["status"];

/** The states in words. */
export const RECEIPT_STATUS_WORDS: Readonly<Record<Status, string>> = {
  queued: "Waiting",
  processed: "Processed",
  ignored: "Ignored",
  quarantined: "Not understood",
  duplicate: "Duplicate",
};

/** What the states mean. */
export const RECEIPT_STATUS_HINTS: Readonly<Record<Status, string>> = {
  queued: "It is stored and will be read in a moment.",
  processed: "It was read, and it changed or confirmed an incident.",
  ignored: "It was read, and there was nothing in it to act on.",
  quarantined: "It could not be read. It is kept: mend the mapping and replay it.",
  duplicate: "Everything in it was known already, so it changed nothing.",
};

const REASON_WORDS: Readonly<Record<string, string>> = {
  test: "A test of the sender",
  heartbeat: "A sign of life",
  not_an_alert: "No alert in it",
  loop: "It came from Overwatch itself",
  poison: "Reading it failed every time",
};

/** What a receipt is called: by its first alert's title, else that alert's id at its source, else by its own id. */
export function receiptName({ id, title, alert_ids: alerts }: Pick<ReceiptWire, "id" | "title" | "alert_ids">): string {
  // A source may send neither.
  return title || alerts[0] || `Receipt …${id.slice(-8)}`;
}

/** The name of a receipt and how many alerts more it speaks of. */
export function receiptFullName(receipt: Pick<ReceiptWire, "id" | "title" | "alert_ids">): string {
  const more = receipt.alert_ids.length - 1;
  return more > 0 ? `${receiptName(receipt)} and ${more} more` : receiptName(receipt);
}

/** Why a receipt has its state, as a sentence: `test: …` becomes `A test of the sender: …`. */
export function receiptReasonWords(reason: string | null): string {
  if (reason === null) return "";
  const [, code = "", rest = ""] = /^([a-z_]+): (.*)$/s.exec(reason) ?? [];
  const words = Object.hasOwn(REASON_WORDS, code) ? REASON_WORDS[code] : undefined;
  if (words === undefined) return reason.startsWith("$") ? `At ${reason}` : capitalized(reason);
  return rest === "" ? words : `${words}: ${rest}`;
}

/** How a receipt proved who sent it, in words. */
export function verifiedWords(verifiedBy: string): string {
  if (verifiedBy === "none") return "Not verified: this integration takes webhooks without a proof";
  if (verifiedBy.startsWith("edited by")) return capitalized(verifiedBy);
  return `Verified by ${verifiedBy.replaceAll("_", " ")}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
