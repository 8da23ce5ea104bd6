// Sends a signed alert to a custom integration. Node 18 or newer and no packages:
//   WEBHOOK_URL=… SECRET=… node send-alert.mjs firing disk/db-1 "Disk is full on db-1" critical
//   WEBHOOK_URL=… SECRET=… node send-alert.mjs resolved disk/db-1 "Disk is full on db-1"
import { createHmac } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";

// ---- copy from here ----

const ATTEMPTS = 5;
const LONGEST_WAIT_SECONDS = 60;

/** One try: the status of the answer (0 when there was none), its text, and how many seconds it asks us to wait. */
async function post(webhookUrl, headers, body) {
  try {
    const signal = AbortSignal.timeout(10_000);
    const answer = await fetch(webhookUrl, { method: "POST", headers, body, redirect: "manual", signal });
    return { status: answer.status, text: await answer.text(), retryAfter: answer.headers.get("retry-after") ?? "" };
  } catch (error) {
    return { status: 0, text: error.cause?.message ?? error.message, retryAfter: "" };
  }
}

/** Sends an alert and returns Overwatch's answer; throws when it was refused or could not be delivered. */
async function sendAlert(webhookUrl, secret, alert) {
  // Made once: what is signed must be the bytes that are sent, on every attempt.
  const body = JSON.stringify({ timestamp: new Date().toISOString(), ...alert });
  const mac = createHmac("sha256", secret).update(body).digest("hex");
  const headers = { "content-type": "application/json", "x-overwatch-signature": `sha256=${mac}` };
  for (let attempt = 1; ; attempt += 1) {
    const { status, text, retryAfter } = await post(webhookUrl, headers, body);
    // Only a 200 promises that the alert is kept.
    if (status === 200) return JSON.parse(text);
    const isWorthRetrying = status === 0 || status === 429 || status >= 500;
    if (!isWorthRetrying || attempt === ATTEMPTS) throw new Error(`${status === 0 ? "no answer" : status}: ${text}`);
    const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : 2 ** (attempt - 1);
    await wait(Math.min(seconds, LONGEST_WAIT_SECONDS) * 1_000);
  }
}

// ---- to here ----

const { WEBHOOK_URL, SECRET } = process.env;
const [status, dedupKey, title, severity = "medium"] = process.argv.slice(2);
if (!WEBHOOK_URL || !SECRET || !["firing", "resolved"].includes(status) || !dedupKey || !title) {
  console.error("usage: WEBHOOK_URL=… SECRET=… node send-alert.mjs firing|resolved DEDUP_KEY TITLE [SEVERITY]");
  process.exit(2);
}
try {
  const answer = await sendAlert(WEBHOOK_URL, SECRET, { dedup_key: dedupKey, status, title, severity });
  console.log(JSON.stringify(answer));
} catch (error) {
  console.error(`The alert was not accepted: ${error.message}`);
  process.exit(1);
}
