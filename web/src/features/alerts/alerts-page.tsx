import { PageHeader } from "../../ui/page-header.tsx";

/** Alerts. */
export function AlertsPage() {
  return <PageHeader title="Alerts" />;
}
