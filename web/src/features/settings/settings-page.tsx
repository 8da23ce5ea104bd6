import { PageHeader } from "../../ui/page-header.tsx";

/** Settings. */
export function SettingsPage() {
  return <PageHeader title="Settings" />;
}
