import { Group } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { LinkButton } from "../../ui/link-button.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { SecretDialog } from "../../ui/secret-dialog.tsx";
import styles from "./endpoints.module.css";
import { isOwnPath } from "./own-path.ts";
import { TestSend } from "./test-send.tsx";
import { VerifyHint } from "./verify-hint.tsx";

const route = getRouteApi("/console/endpoints/new");

/** An endpoint that was just made: its secret this once, a test, and where to go from here. */
export function MadeEndpoint({ endpoint }: { readonly endpoint: EndpointWire }) {
  const { next } = route.useSearch();
  const [secret, setSecret] = useState<string | null>(endpoint.secret ?? null);
  return (
    <div className={styles.stack}>
      <Panel title={`${endpoint.name} is there`}>
        <TestSend endpointId={endpoint.id} />
      </Panel>
      <Panel title="How the receiver checks that it was you">
        <VerifyHint />
      </Panel>
      <Group gap="sm">
        {next !== undefined && isOwnPath(next) ? <LinkButton to={next as "/"}>Go on</LinkButton> : null}
        <LinkButton to="/endpoints/$endpointId" params={{ endpointId: endpoint.id }} variant="default">
          Open the endpoint
        </LinkButton>
      </Group>
      <SecretDialog
        title="The signing secret"
        secrets={
          secret === null ? null : [{ label: "Signing secret", value: secret, variable: "OVERWATCH_WEBHOOK_SECRET" }]
        }
        onClose={() => setSecret(null)}
      >
        <p>The receiver needs it to check signatures. Receivers such as chats, which check none, do not.</p>
      </SecretDialog>
    </div>
  );
}
