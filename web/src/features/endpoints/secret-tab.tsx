import { Button } from "@mantine/core";
import { useState } from "react";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { late } from "../../lib/late.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import styles from "./endpoints.module.css";
import { VerifyHint } from "./verify-hint.tsx";

const RotateDialog = late(() => import("./rotate-dialog.tsx").then((module) => module.RotateDialog));

/** The signing secret and its rotation. */
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
                {/* By then the receiver has to know the new one. */}
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
      <RotateDialog endpointId={endpoint.id} isOpen={isRotating} onClose={() => setRotating(false)} />
    </div>
  );
}
