import { PageHeader } from "../../ui/page-header.tsx";

/** System. */
export function SystemPage() {
  return <PageHeader title="System" />;
}
