import { getRouteApi } from "@tanstack/react-router";
import { useIsAllowed } from "../../lib/session.ts";
import { lateTab } from "../../ui/late-tab.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { UrlTabs } from "../../ui/url-tabs.tsx";
import { ProfileTab } from "./profile-tab.tsx";

const PeopleTab = lateTab("the people", () => import("./people-tab.tsx").then((module) => module.PeopleTab));
const KeysTab = lateTab("the API keys", () => import("./keys-tab.tsx").then((module) => module.KeysTab));
const SecretsTab = lateTab("the secrets", () => import("./secrets-tab.tsx").then((module) => module.SecretsTab));
const RetentionTab = lateTab("the retention", () =>
  import("./retention-tab.tsx").then((module) => module.RetentionTab),
);
const ADMIN_TABS = [
  { id: "keys", label: "API keys" },
  { id: "secrets", label: "Secrets" },
  { id: "retention", label: "Retention" },
];
const route = getRouteApi("/console/settings");

/** Settings: one's own, the people of the organization, its keys and secrets, and how long it keeps what. */
export function SettingsPage() {
  const { tab = "profile" } = route.useSearch();
  const isAdmin = useIsAllowed("admin");
  const tabs = [{ id: "profile", label: "You" }, { id: "people", label: "People" }, ...(isAdmin ? ADMIN_TABS : [])];
  return (
    <>
      <PageHeader title="Settings" />
      <UrlTabs label="Settings" tabs={tabs} current={tab} />
      {tab === "people" ? <PeopleTab /> : null}
      {tab === "keys" && isAdmin ? <KeysTab /> : null}
      {tab === "secrets" && isAdmin ? <SecretsTab /> : null}
      {tab === "retention" && isAdmin ? <RetentionTab /> : null}
      {tabs.some(({ id }) => id === tab) && tab !== "profile" ? null : <ProfileTab />}
    </>
  );
}
