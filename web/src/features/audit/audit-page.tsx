import { PageHeader } from "../../ui/page-header.tsx";

/** Audit. */
export function AuditPage() {
  return <PageHeader title="Audit" />;
}
