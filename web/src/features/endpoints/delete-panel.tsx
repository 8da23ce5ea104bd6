import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { showToast } from "../../lib/toasts.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Panel } from "../../ui/page-header.tsx";
import styles from "./endpoints.module.css";

/** The end of an endpoint. */
export function DeletePanel({ endpoint }: { readonly endpoint: EndpointWire }) {
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
