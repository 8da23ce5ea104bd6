import { PageHeader } from "../../ui/page-header.tsx";

/** Incidents. */
export function IncidentsPage() {
  return <PageHeader title="Incidents" />;
}
