import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { CirclePause, CirclePlay } from "lucide-react";
import type { IntegrationWire } from "../../../../server/src/api/contract.ts";
import { ApiFailure, change } from "../../lib/api.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { showToast } from "../../lib/toasts.ts";
import { SampleButton } from "./sample-button.tsx";

/** What can be done with an integration at once. */
export function IntegrationActions({ integration }: { readonly integration: IntegrationWire }) {
  const { id, name, enabled } = integration;
  const client = useQueryClient();
  const router = useRouter();
  const isAdmin = useIsAllowed("admin");
  const mayTest = useIsAllowed("responder");
  const reread = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: ["integration"] });
    await client.invalidateQueries({ queryKey: ["integrations"] });
  };
  const setEnabled = async (isEnabled: boolean): Promise<void> => {
    try {
      await change("PATCH", `/integrations/${id}`, { enabled: isEnabled });
      showToast(isEnabled ? `${name} takes webhooks again.` : `${name} refuses webhooks now.`, {
        undo: () => void setEnabled(!isEnabled),
      });
    } catch (error) {
      showToast(error instanceof ApiFailure ? error.message : "That could not be changed.", { tone: "bad" });
    }
    await reread();
  };
  return (
    <>
      {mayTest && enabled ? (
        <SampleButton
          integrationId={id}
          onSent={(receiptId) => router.navigate({ to: "/receipts/$receiptId", params: { receiptId } })}
          onError={(error) => {
            if (error === null) return;
            showToast(error instanceof Error ? error.message : "The sample could not be sent.", { tone: "bad" });
          }}
        />
      ) : null}
      {isAdmin ? (
        <Button
          size="xs"
          variant={enabled ? "default" : "filled"}
          leftSection={
            enabled ? <CirclePause size={14} aria-hidden="true" /> : <CirclePlay size={14} aria-hidden="true" />
          }
          onClick={() => void setEnabled(!enabled)}
        >
          {enabled ? "Disable" : "Enable"}
        </Button>
      ) : null}
    </>
  );
}
