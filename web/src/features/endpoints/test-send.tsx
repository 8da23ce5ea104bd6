import { Button, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { SendHorizontal } from "lucide-react";
import type { FullDeliveryWire } from "../../../../server/src/api/contract.ts";
import { change, get } from "../../lib/api.ts";
import { failureWords } from "../../lib/failure-words.ts";
import { formatDuration } from "../../lib/numbers.ts";
import { Badge } from "../../ui/badge.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { DeliveryBadge } from "../../ui/delivery-badge.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { JsonViewer } from "../../ui/json-viewer.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";

const POLL_MS = 500;

type TestSendProps = { readonly endpointId: string; readonly isInDialog?: boolean };

/** A test of an endpoint with the attempt that it became. */
export function TestSend({ endpointId, isInDialog = false }: TestSendProps) {
  const test = useMutation({
    mutationFn: () => change<{ readonly delivery_id: string }>("POST", `/endpoints/${endpointId}/test`, {}),
  });
  return (
    <Stack gap="md">
      <p>
        A real, signed request with a sample incident goes out, through everything that other deliveries go through. A
        receiver that pages people pages them.
      </p>
      <div>
        <Button
          // The first for when it is there as the dialog opens, the second for when it comes after.
          data-autofocus
          autoFocus={isInDialog}
          loading={test.isPending}
          leftSection={<SendHorizontal size={15} aria-hidden="true" />}
          onClick={() => test.mutate()}
        >
          {test.data === undefined ? "Send it" : "Send another"}
        </Button>
      </div>
      {test.error === null ? null : <ErrorPanel error={test.error} />}
      {test.data === undefined ? null : <TestReply key={test.data.delivery_id} deliveryId={test.data.delivery_id} />}
    </Stack>
  );
}

function TestReply({ deliveryId }: { readonly deliveryId: string }) {
  const delivery = useQuery({
    queryKey: ["delivery", deliveryId],
    queryFn: ({ signal }) => get<FullDeliveryWire>(`/deliveries/${deliveryId}`, { signal }),
    refetchInterval: ({ state }) => (isWaiting(state.data) ? POLL_MS : false),
  });
  if (delivery.error !== null) return <ErrorPanel error={delivery.error} onRetry={() => void delivery.refetch()} />;
  if (delivery.data === undefined || isWaiting(delivery.data)) {
    return <PanelSkeleton label="the receiver's answer" lines={4} />;
  }
  return <Reply delivery={delivery.data} />;
}

/** True until an attempt has ended or none will be made for now. */
function isWaiting(delivery: FullDeliveryWire | undefined): boolean {
  if (delivery === undefined) return true;
  if (delivery.status === "in_flight") return true;
  return delivery.status === "pending" && delivery.attempts.length === 0;
}

function Reply({ delivery }: { readonly delivery: FullDeliveryWire }) {
  const attempt = delivery.attempts.at(-1);
  const link = (
    <EntityLink entity="delivery" id={delivery.id}>
      Open the delivery
    </EntityLink>
  );
  if (attempt === undefined) {
    return (
      <div role="status">
        <p>
          <DeliveryBadge status={delivery.status} /> Nothing was sent: the circuit of the endpoint is open or it is
          disabled. The test waits with everything else.
        </p>
        <p>{link}</p>
      </div>
    );
  }
  const { reason, status_code, message, timing, response, request } = attempt;
  return (
    <Stack gap="md">
      <p role="status">
        {reason === null ? (
          <Badge tone="good">The receiver took it</Badge>
        ) : (
          <Badge tone="critical">It failed: {failureWords(reason)}</Badge>
        )}
      </p>
      <DefinitionList
        entries={[
          ["Answer", status_code === null ? "none" : String(status_code)],
          ["Took", formatDuration(totalOf(timing))],
          ...(message === null ? [] : [["Why", <bdi key="why">{message}</bdi>] as const]),
          ...(reason === null ? [] : [["Then", nextOf(delivery)] as const]),
          ["Everything", link],
        ]}
      />
      {response === null ? null : <JsonViewer label="Answer of the receiver" value={unfold(response)} />}
      {request === null ? null : <JsonViewer label="Request, secrets masked" value={unfold(request)} />}
    </Stack>
  );
}

function nextOf({ status }: FullDeliveryWire): string {
  if (status === "pending") return "it is tried again by the endpoint's retry policy";
  return status === "parked" ? "it waits until the circuit closes" : "it is not tried again by itself";
}

function totalOf(timing: unknown): number {
  return typeof timing === "object" && timing !== null && "total_ms" in timing ? Number(timing.total_ms) || 0 : 0;
}

/** Shows a JSON body as JSON; anything else stays text. */
function unfold(message: unknown): unknown {
  if (typeof message !== "object" || message === null || !("body" in message)) return message;
  if (typeof message.body !== "string") return message;
  try {
    return { ...message, body: JSON.parse(message.body) as unknown };
  } catch {
    return message;
  }
}
