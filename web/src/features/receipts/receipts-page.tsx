import { PageHeader } from "../../ui/page-header.tsx";

/** Receipts. */
export function ReceiptsPage() {
  return <PageHeader title="Receipts" />;
}
