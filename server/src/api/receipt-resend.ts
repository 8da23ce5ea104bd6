import type { Static } from "typebox";
import { OverwatchError } from "../core/errors.ts";
import type { Database } from "../runtime/database.ts";
import { findIntegration } from "../store/integrations.ts";
import { insertReceipts } from "../store/receipts.ts";
import type { FullReceipt } from "../store/receipts-read.ts";
import type { ApiDeps } from "./deps.ts";
import { invalidField } from "./error-answer.ts";
import { type Caller, describeCaller } from "./route.ts";
import type { ResendRequest } from "./schemas/receipts.ts";

/** Names the receipt that an edited one was made from, among the edited one's headers. */
const EDITED_FROM = "x-overwatch-edited-from";

const MOST_HEADERS = 50;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/**
 * Stores an edited copy of a receipt as a receipt of its own: it says who edited it in place of how it was verified, names
 * its original, and is read by triage like any other. Returns its id.
 */
export async function resendEdited(
  deps: ApiDeps,
  database: Database,
  receipt: FullReceipt,
  request: Static<typeof ResendRequest>,
  by: { readonly caller: Caller; readonly requestId: string; readonly address: string },
): Promise<string> {
  const { organizationId } = by.caller;
  const integration = await findIntegration(database, organizationId, receipt.integrationId);
  if (integration === null) throw new OverwatchError("CONFLICT", {}, "The receipt's integration is deleted");
  if (!integration.enabled) throw new OverwatchError("CONFLICT", {}, "The receipt's integration is disabled");
  const body = Buffer.from(request.body, "utf8");
  if (body.length > integration.bodyLimitBytes) {
    throw new OverwatchError("PAYLOAD_TOO_LARGE", { limit_bytes: integration.bodyLimitBytes });
  }
  const id = deps.ids.next();
  await insertReceipts(database, [
    {
      organizationId,
      id,
      integrationId: integration.id,
      platform: integration.platform,
      receivedAt: deps.clock.now(),
      sourceIp: by.address,
      requestId: by.requestId,
      deliveryId: null,
      deliveryKey: null,
      verifiedBy: `edited by ${describeCaller(by.caller)}`,
      headers: JSON.stringify({ ...headersOf(receipt, request.headers), [EDITED_FROM]: receipt.id }),
      body,
    },
  ]);
  return id;
}

function headersOf(
  receipt: FullReceipt,
  given: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  if (given === undefined) return receipt.headers;
  const entries = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const);
  if (entries.length > MOST_HEADERS) throw invalidField("headers", `are more than ${MOST_HEADERS}`);
  for (const [name, value] of entries) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    if (!HEADER_NAME.test(name) || value.length > 2_048 || /[\u0000-\u001f\u007f]/.test(value)) {
      throw invalidField(`headers.${name.slice(0, 100)}`, "is no header that a webhook could carry");
    }
  }
  return Object.fromEntries(entries);
}
