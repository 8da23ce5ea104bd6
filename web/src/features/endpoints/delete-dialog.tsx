import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { showToast } from "../../lib/toasts.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";

type DeleteDialogProps = {
  readonly endpoint: EndpointWire;
  readonly isOpen: boolean;
  readonly onClose: () => void;
};

/** Deletes an endpoint once its name was typed. */
export function DeleteDialog({ endpoint, isOpen, onClose }: DeleteDialogProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
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
  );
}
