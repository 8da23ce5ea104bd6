import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { EndpointWire, FullDeliveryWire } from "../../../../server/src/api/contract.ts";
import { ApiFailure, change } from "../../lib/api.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { useShortcut } from "../../lib/shortcuts.ts";
import { showToast } from "../../lib/toasts.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { holdOf } from "./standing.tsx";

type DeliveryActionsProps = {
  readonly delivery: FullDeliveryWire;
  /** Undefined while it is read, and when it is no more. */
  readonly endpoint: EndpointWire | undefined;
};

/** Retries a delivery, sends it past an open circuit, or calls it off. */
export function DeliveryActions({ delivery, endpoint }: DeliveryActionsProps) {
  const client = useQueryClient();
  const mayAct = useIsAllowed("responder");
  const [isForcing, setForcing] = useState(false);
  const { id, status } = delivery;
  const act = async (verb: "retry" | "cancel", body: object, done: string): Promise<void> => {
    await change("POST", `/deliveries/${id}/${verb}`, body);
    showToast(done, { tone: "good" });
    await client.invalidateQueries({ queryKey: ["delivery", id] });
  };
  const tryTo = (verb: "retry" | "cancel", done: string): void => {
    act(verb, {}, done).catch((error: unknown) => {
      showToast(error instanceof ApiFailure ? error.message : "That did not work; nothing was changed.", {
        tone: "bad",
      });
    });
  };
  const hold = endpoint === undefined ? null : holdOf(endpoint);
  const isHeldBack = status === "parked" || hold !== null;
  const mayForce = isHeldBack && hold !== "disabled" && status !== "in_flight";
  const retried = !isHeldBack
    ? "It is due now."
    : hold === "disabled"
      ? "It goes out when the endpoint is enabled."
      : "It goes out when the circuit closes.";
  const isRetryable = mayAct && status !== "in_flight";
  useShortcut("r", "This page", "Retry the delivery", () => tryTo("retry", retried), isRetryable);
  if (!mayAct) return null;
  const isCancellable = status === "pending" || status === "parked" || status === "exhausted";
  return (
    <>
      {isCancellable ? (
        <Button size="xs" variant="default" onClick={() => tryTo("cancel", "It was called off; it can be retried.")}>
          Cancel
        </Button>
      ) : null}
      {isRetryable ? (
        <Button size="xs" variant={isHeldBack ? "default" : "filled"} onClick={() => tryTo("retry", retried)}>
          {status === "succeeded" ? "Send again" : "Retry now"}
        </Button>
      ) : null}
      {mayForce ? (
        <Button size="xs" onClick={() => setForcing(true)}>
          Send past the open circuit
        </Button>
      ) : null}
      <ConfirmDialog
        isOpen={isForcing}
        onClose={() => setForcing(false)}
        title="Send past the open circuit"
        action="Send it now"
        isHarmless
        onConfirm={() => act("retry", { force: true }, "It is being sent.")}
      >
        The endpoint's circuit is not closed. One attempt of this delivery is made all the same; everything else stays
        parked.
      </ConfirmDialog>
    </>
  );
}
