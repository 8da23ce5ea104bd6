import { PageHeader } from "../../ui/page-header.tsx";

/** Deliveries. */
export function DeliveriesPage() {
  return <PageHeader title="Deliveries" />;
}
