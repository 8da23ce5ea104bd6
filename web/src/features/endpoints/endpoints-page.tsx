import { PageHeader } from "../../ui/page-header.tsx";

/** Endpoints. */
export function EndpointsPage() {
  return <PageHeader title="Endpoints" />;
}
