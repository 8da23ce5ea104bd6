import { PageHeader } from "../../ui/page-header.tsx";

/** Integrations. */
export function IntegrationsPage() {
  return <PageHeader title="Integrations" />;
}
