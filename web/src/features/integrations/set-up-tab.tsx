import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import type { IntegrationWire } from "../../../../server/src/api/contract.ts";
import { late } from "../../lib/late.tsx";
import { useIsAllowed } from "../../lib/session.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Columns, Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { readSetUp } from "./guide.ts";
import { GuideView } from "./guide-view.tsx";
import styles from "./integrations.module.css";
import { usePlatform } from "./platforms.ts";
import { reachOf } from "./reach.ts";
import { draftOf, secretFieldOf, typeOf, verificationSentence } from "./verification.ts";

const RotateDialog = late(() => import("./rotate-dialog.tsx").then((module) => module.RotateDialog));

/** Where the sender sends to, by what it proves itself, and what to set there. */
export function SetUpTab({ integration }: { readonly integration: IntegrationWire }) {
  const { id, platform: name, webhook_url: url, verification } = integration;
  const isAdmin = useIsAllowed("admin");
  const [isRotating, setRotating] = useState(false);
  const platform = usePlatform(name, id);
  const hasSecret = secretFieldOf(typeOf(verification)) !== null;
  return (
    <Columns
      main={
        <>
          <Panel title="Webhook URL">
            <WebhookUrl url={url} />
            <p className={styles.small} style={{ marginTop: 8 }}>
              {verificationSentence(draftOf(verification), platform.data)} It is changed under Settings.
            </p>
          </Panel>
          <Panel title={`On the side of ${platform.data?.title ?? name}`}>
            {platform.error !== null ? (
              <ErrorPanel error={platform.error} onRetry={() => void platform.refetch()} />
            ) : platform.data === undefined ? (
              <PanelSkeleton label="the guide" lines={6} />
            ) : (
              <GuideView blocks={readSetUp(platform.data.guide)} />
            )}
          </Panel>
        </>
      }
      side={
        <>
          <Panel
            title="Secrets"
            actions={
              isAdmin && hasSecret ? (
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<RotateCw size={14} aria-hidden="true" />}
                  onClick={() => setRotating(true)}
                >
                  Rotate
                </Button>
              ) : undefined
            }
          >
            {integration.secrets.length === 0 ? (
              <p className="ow-dim">It has none: nothing is verified.</p>
            ) : (
              <Secrets secrets={integration.secrets} />
            )}
          </Panel>
          <Panel title="Did it work?">
            <p>
              <Link to="/integrations/new" search={{ integration: id }}>
                Wait for the first webhook
              </Link>{" "}
              and see how it is read.
            </p>
          </Panel>
          <RotateDialog integration={integration} isOpen={isRotating} onClose={() => setRotating(false)} />
        </>
      }
    />
  );
}

/** The address that the sender needs, to copy. */
export function WebhookUrl({ url }: { readonly url: string }) {
  const reach = reachOf(url);
  return (
    <>
      <div className={styles.url}>
        <code>{url}</code>
        <CopyButton text={url} label="Copy the webhook URL" />
      </div>
      {reach === "everywhere" ? null : (
        <p className={styles.small} style={{ marginTop: 8 }}>
          {reach === "machine"
            ? "Only programs on this machine reach this address."
            : "Only programs in this network reach this address."}{" "}
          For a sender elsewhere, the operator sets <code>OVERWATCH_PUBLIC_URL</code> to an address that it reaches.
        </p>
      )}
    </>
  );
}

const PURPOSES = { signing_secret: "Signing secret", token: "Token", password: "Password" } as const;

function Secrets({ secrets }: Pick<IntegrationWire, "secrets">) {
  return secrets.map((secret) => (
    <div key={`${secret.purpose}-${secret.created_at}`} className={styles.secret}>
      <strong>
        {PURPOSES[secret.purpose]}
        {secret.is_previous ? ", the old one" : ""}
      </strong>
      <DefinitionList
        entries={[
          ["Made", <Moment key="made" at={secret.created_at} />],
          ["Last used", secret.last_used_at === null ? "never" : <Moment key="used" at={secret.last_used_at} />],
          ...(secret.expires_at === null
            ? []
            : // By then the sender has to have the new one.
              [["Accepted until", <Moment key="until" at={secret.expires_at} isExact />] as const]),
        ]}
      />
    </div>
  ));
}
