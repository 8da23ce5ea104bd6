import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Download } from "lucide-react";
import type { IntegrationWire } from "../../../../server/src/api/contract.ts";
import { getVersioned } from "../../lib/api.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Panel } from "../../ui/page-header.tsx";
import type { ShownSecret } from "../../ui/secret-dialog.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { fillSecret, readSetUp } from "./guide.ts";
import { GuideView } from "./guide-view.tsx";
import styles from "./integrations.module.css";
import { usePlatform } from "./platforms.ts";
import { WebhookUrl } from "./set-up-tab.tsx";
import { draftOf, secretFieldOf, typeOf, verificationSentence } from "./verification.ts";
import { WalkArrival } from "./walk-arrival.tsx";

type WalkConnectProps = {
  readonly integrationId: string;
  readonly secrets: readonly ShownSecret[];
  readonly onArrived: () => void;
};

/** What to set on the sender's side, and the wait for its first webhook. */
export function WalkConnect({ integrationId, secrets, onArrived }: WalkConnectProps) {
  const integration = useQuery({
    queryKey: ["integration", integrationId],
    queryFn: ({ signal }) => getVersioned<IntegrationWire>(`/integrations/${integrationId}`, { signal }),
  });
  if (integration.error !== null && integration.data === undefined) {
    return <ErrorPanel error={integration.error} onRetry={() => void integration.refetch()} />;
  }
  if (integration.data === undefined) return <PanelSkeleton label="the integration" lines={6} />;
  const { body } = integration.data;
  return (
    <div className={styles.stack}>
      <WalkArrival integration={body} onArrived={onArrived} />
      <Panel title="Webhook URL">
        <WebhookUrl url={body.webhook_url} />
      </Panel>
      {secretFieldOf(typeOf(body.verification)) === null ? null : (
        <Panel title="Secret">
          <Secret secrets={secrets} integrationId={integrationId} />
        </Panel>
      )}
      <Guide integration={body} secret={secrets[0]?.value ?? null} />
    </div>
  );
}

function Secret({ secrets, integrationId }: Pick<WalkConnectProps, "secrets" | "integrationId">) {
  if (secrets.length === 0) {
    return (
      <p>
        It was shown once, when it was made. If it is lost,{" "}
        <Link to="/integrations/$integrationId" params={{ integrationId }} search={{ tab: "setup" }}>
          rotate it
        </Link>
        .
      </p>
    );
  }
  const text = secrets.map(({ variable, value }) => `${variable}=${value}\n`).join("");
  return (
    <div className={styles.form}>
      <p>Shown this once: keep it where your secrets are kept. Where the settings below ask for it, it is filled in.</p>
      {secrets.map(({ label, value }) => (
        <div key={label} className={styles.url}>
          <code>{value}</code>
          <CopyButton text={value} label={`Copy: ${label}`} />
        </div>
      ))}
      <div>
        <Button
          component="a"
          variant="default"
          size="xs"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
          download="overwatch.env"
          leftSection={<Download size={14} aria-hidden="true" />}
        >
          Download .env
        </Button>
      </div>
    </div>
  );
}

function Guide({ integration, secret }: { readonly integration: IntegrationWire; readonly secret: string | null }) {
  const platform = usePlatform(integration.platform, integration.id);
  if (platform.error !== null) return <ErrorPanel error={platform.error} onRetry={() => void platform.refetch()} />;
  if (platform.data === undefined) return <PanelSkeleton label="the guide" lines={6} />;
  return (
    <Panel title={`On the side of ${platform.data.title}`}>
      <p className={styles.small} style={{ marginBottom: 12 }}>
        {verificationSentence(draftOf(integration.verification), platform.data)}
      </p>
      <GuideView blocks={readSetUp(fillSecret(platform.data.guide, secret))} />
    </Panel>
  );
}
