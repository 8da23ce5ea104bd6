import { Button } from "@mantine/core";
import { useState } from "react";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { late } from "../../lib/late.tsx";
import { Panel } from "../../ui/page-header.tsx";
import styles from "./endpoints.module.css";

const DeleteDialog = late(() => import("./delete-dialog.tsx").then((module) => module.DeleteDialog));

/** The end of an endpoint. */
export function DeletePanel({ endpoint }: { readonly endpoint: EndpointWire }) {
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
      <DeleteDialog endpoint={endpoint} isOpen={isDeleting} onClose={() => setDeleting(false)} />
    </Panel>
  );
}
