/** Another node has taken over some of the receipts of a batch: nothing of the batch may be written. */
export class FencedError extends Error {
  readonly receipts: number;

  constructor(receipts: number) {
    super("another node has taken over");
    this.name = "FencedError";
    this.receipts = receipts;
  }
}
