import { PageHeader } from "../../ui/page-header.tsx";

/** Home. */
export function HomePage() {
  return <PageHeader title="Home" />;
}
