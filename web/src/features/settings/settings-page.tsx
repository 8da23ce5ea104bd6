import { getRouteApi } from "@tanstack/react-router";
import { useIsAllowed } from "../../lib/session.ts";
import { lateTab } from "../../ui/late-tab.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { UrlTabs } from "../../ui/url-tabs.tsx";
import { ProfileTab } from "./profile-tab.tsx";

const PeopleTab = lateTab("the people", () => import("./people-tab.tsx").then((module) => module.PeopleTab));
const KeysTab = lateTab("the API keys", () => import("./keys-tab.tsx").then((module) => module.KeysTab));
const route = getRouteApi("/console/settings");

/** Settings: one's own, the people of the organization, and its API keys. */
export function SettingsPage() {
  const { tab = "profile" } = route.useSearch();
  const isAdmin = useIsAllowed("admin");
  const tabs = [
    { id: "profile", label: "You" },
    { id: "people", label: "People" },
    ...(isAdmin ? [{ id: "keys", label: "API keys" }] : []),
  ];
  return (
    <>
      <PageHeader title="Settings" />
      <UrlTabs label="Settings" tabs={tabs} current={tab} />
      {tab === "people" ? <PeopleTab /> : tab === "keys" && isAdmin ? <KeysTab /> : <ProfileTab />}
    </>
  );
}
