/** What reading needs to know of a receipt besides its body; header names in lower case, the time in epoch milliseconds. */
export type ReceiptContext = {
  readonly headers: Readonly<Record<string, string>>;
  readonly receivedAt: number;
};
