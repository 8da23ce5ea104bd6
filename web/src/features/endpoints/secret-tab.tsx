import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { late } from "../../lib/late.tsx";
import { showToast } from "../../lib/toasts.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import styles from "./endpoints.module.css";
import { VerifyHint } from "./verify-hint.tsx";

const RotateDialog = late(() => import("./rotate-dialog.tsx").then((module) => module.RotateDialog));

/** The signing secret, its rotation, and the end of the endpoint. */
export function SecretTab({ endpoint }: { readonly endpoint: EndpointWire }) {
  const [isRotating, setRotating] = useState(false);
  return (
    <div className={styles.stack}>
      <Panel
        title="Signing secret"
        actions={
          <Button size="xs" variant="default" onClick={() => setRotating(true)}>
            Rotate the secret
          </Button>
        }
      >
        <div className={styles.tight}>
          <p className={styles.words}>
            Every request is signed, so that the receiver knows that it was Overwatch. While a rotation overlaps,
            requests carry the signatures of both secrets, so that the receiver can change over without losing any.
          </p>
          <DefinitionList
            entries={endpoint.secrets.map(({ is_previous, created_at, expires_at }) => [
              is_previous ? "Previous" : "In use",
              <span key={created_at}>
                made <Moment at={created_at} />
                {expires_at === null ? null : (
                  <>
                    , signs until <Moment at={expires_at} isExact />
                  </>
                )}
              </span>,
            ])}
          />
        </div>
      </Panel>
      <Panel title="How the receiver checks it">
        <VerifyHint />
      </Panel>
      <DangerPanel endpoint={endpoint} />
      <RotateDialog endpointId={endpoint.id} isOpen={isRotating} onClose={() => setRotating(false)} />
    </div>
  );
}

function DangerPanel({ endpoint }: { readonly endpoint: EndpointWire }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isDeleting, setDeleting] = useState(false);
  return (
    <Panel title="Delete">
      <div className={styles.tight}>
        <p className={styles.words}>
          Nothing is sent from then on, and what waits is called off. What was delivered stays visible.
        </p>
        <div>
          <Button size="xs" color="red" onClick={() => setDeleting(true)}>
            Delete the endpoint
          </Button>
        </div>
      </div>
      <ConfirmDialog
        isOpen={isDeleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${endpoint.name}`}
        action="Delete the endpoint"
        typedName={endpoint.name.trim()}
        onConfirm={async () => {
          await change("DELETE", `/endpoints/${endpoint.id}`);
          await client.invalidateQueries({ queryKey: ["endpoints"] });
          showToast("The endpoint is deleted.");
          await navigate({ to: "/endpoints", ignoreBlocker: true });
          client.removeQueries({ queryKey: ["endpoint", endpoint.id] });
        }}
      >
        It hears nothing any more, and all that waits for it is called off. This cannot be taken back.
      </ConfirmDialog>
    </Panel>
  );
}
