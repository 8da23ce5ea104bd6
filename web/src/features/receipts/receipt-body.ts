import type { FullReceiptWire } from "../../../../server/src/api/contract.ts";

/** What the bytes of a receipt are. */
export type ReceiptBody =
  | { readonly kind: "json"; readonly text: string; readonly value: unknown }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "bytes" };

/** Reads the body of a receipt as far as it can be read. */
export function readBody({ body }: Pick<FullReceiptWire, "body">): ReceiptBody {
  if (body === null) return { kind: "bytes" };
  try {
    return { kind: "json", text: body, value: JSON.parse(body) as unknown };
  } catch {
    return { kind: "text", text: body };
  }
}
