import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useIsAllowed } from "../../lib/session.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import type { ShownSecret } from "../../ui/secret-dialog.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import styles from "./integrations.module.css";
import { PlatformGrid } from "./platform-grid.tsx";
import { usePlatforms } from "./platforms.ts";
import { WalkConnect } from "./walk-connect.tsx";
import { WalkForm } from "./walk-form.tsx";

const route = getRouteApi("/console/integrations/new");
const STEPS = ["Choose a platform", "Name and proof", "Set it up there", "First webhook"];

/** From nothing to the first webhook: each step stands in the address, so that it can be left and taken up again. */
export function WalkPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const isAdmin = useIsAllowed("admin");
  const platforms = usePlatforms();
  const [hasArrived, setArrived] = useState(false);
  // Only here and only for this once: whoever comes back later finds no secret.
  const [secrets, setSecrets] = useState<readonly ShownSecret[]>([]);
  const platform = platforms?.find(({ name }) => name === search.platform);
  const step = search.integration !== undefined ? (hasArrived ? 3 : 2) : platform === undefined ? 0 : 1;
  return (
    <>
      <PageHeader
        title="Connect a platform"
        description="A few minutes until its alerts become incidents here."
        back={{ to: "/integrations", label: "Integrations" }}
        actions={
          search.integration === undefined ? (
            <Link to="/">Skip for now</Link>
          ) : (
            <Link to="/integrations/$integrationId" params={{ integrationId: search.integration }}>
              Finish later
            </Link>
          )
        }
      />
      <ol className={styles.steps} aria-label="Steps">
        {STEPS.map((name, index) => (
          <li key={name} aria-current={index === step ? "step" : undefined} data-done={index < step || undefined}>
            <span aria-hidden="true">{index < step ? "✓" : index + 1}</span>
            {name}
          </li>
        ))}
      </ol>
      {search.integration !== undefined ? (
        <WalkConnect integrationId={search.integration} secrets={secrets} onArrived={() => setArrived(true)} />
      ) : !isAdmin ? (
        <p>Only administrators connect platforms. Ask one of them; Settings lists the people.</p>
      ) : platforms === null ? (
        <PanelSkeleton label="the platforms" />
      ) : platform === undefined ? (
        <PlatformGrid isLinked />
      ) : (
        <WalkForm
          key={platform.name}
          platform={platform}
          onMade={(integration, shown) => {
            setSecrets(shown);
            void navigate({ search: { platform: integration.platform, integration: integration.id }, replace: true });
          }}
        />
      )}
    </>
  );
}
