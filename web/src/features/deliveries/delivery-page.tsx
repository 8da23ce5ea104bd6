import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Send } from "lucide-react";
import type { FullDeliveryWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { DELIVERY_STATE_HINTS } from "../../lib/delivery-states.ts";
import { useEndpointNames } from "../../lib/endpoint-names.ts";
import { failureHint } from "../../lib/failure-words.ts";
import { paceBeside, useFollow } from "../../lib/follow.ts";
import { Copyable } from "../../ui/copy-button.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { DeliveryBadge } from "../../ui/delivery-badge.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { IncidentLink } from "../../ui/incident-link.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Columns, PageHeader, Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { AttemptPanel } from "./attempt-panel.tsx";
import { AttemptsChart } from "./attempts-chart.tsx";
import { DeliveryActions } from "./delivery-actions.tsx";
import { CANCEL_WORDS } from "./delivery-words.ts";
import { useStanding, WhyParked } from "./standing.tsx";

const route = getRouteApi("/console/deliveries/$deliveryId");
const BACK = { to: "/deliveries", label: "Deliveries" } as const;

/** One delivery: where it stands, each attempt with what was sent and answered, and what can be done. */
export function DeliveryPage() {
  const { deliveryId } = route.useParams();
  const { attempt: chosen } = route.useSearch();
  const queryKey = ["delivery", deliveryId];
  const delivery = useQuery({
    queryKey,
    queryFn: ({ signal }) => get<FullDeliveryWire>(`/deliveries/${deliveryId}`, { signal }),
    // The stream tells of attempts; not of one that is parked, or cancelled by somebody else.
    refetchInterval: ({ state }) => (isMoving(state.data) ? paceBeside("deliveries") : false),
  });
  useFollow({ topic: "deliveries", queryKey, isAbout: ({ id }) => id === deliveryId });
  if (delivery.data === undefined) {
    return (
      <>
        <PageHeader title="Delivery" back={BACK} />
        {delivery.error === null ? (
          <PanelSkeleton label="the delivery" lines={8} />
        ) : (
          <ErrorPanel error={delivery.error} onRetry={() => void delivery.refetch()} />
        )}
      </>
    );
  }
  return <Shown delivery={delivery.data} chosen={chosen} />;
}

type ShownProps = { readonly delivery: FullDeliveryWire; readonly chosen: string | undefined };

function Shown({ delivery, chosen }: ShownProps) {
  const endpoint = useStanding(delivery.endpoint_id);
  const { event_type, status, attempts } = delivery;
  const shown = attempts.find(({ number }) => String(number) === chosen) ?? attempts.at(-1);
  return (
    <>
      <PageHeader
        title={event_type}
        heading={
          <>
            {event_type} <DeliveryBadge status={status} />
          </>
        }
        description={<Situation delivery={delivery} />}
        back={BACK}
        actions={<DeliveryActions delivery={delivery} endpoint={endpoint} />}
      />
      <Columns
        main={
          <>
            {status === "parked" && endpoint !== undefined ? <WhyParked endpoint={endpoint} /> : null}
            {attempts.length === 0 ? (
              <EmptyState icon={Send} title="Not tried yet" mood="calm">
                {status === "parked"
                  ? "Its first attempt is made when its endpoint can be sent to again, and appears here by itself."
                  : "Its first attempt appears here by itself."}
              </EmptyState>
            ) : (
              <Panel title="Attempts" isFlush>
                <AttemptsChart attempts={attempts} shown={shown?.number ?? 0} />
              </Panel>
            )}
            {shown === undefined ? null : <AttemptPanel attempt={shown} first={attempts[0] ?? shown} />}
          </>
        }
        side={<Facts delivery={delivery} />}
      />
    </>
  );
}

function isMoving(delivery: FullDeliveryWire | undefined): boolean {
  return delivery !== undefined && ["pending", "in_flight", "parked"].includes(delivery.status);
}

function Situation({ delivery }: { readonly delivery: FullDeliveryWire }) {
  const { status, last_error: error, next_attempt_at: next, cancel_reason: cancelled } = delivery;
  return (
    <>
      {DELIVERY_STATE_HINTS[status]}
      {cancelled === null ? "" : `: ${CANCEL_WORDS[cancelled]}`}.{" "}
      {error === null ? null : `Last failure: ${error.message ?? failureHint(error.reason)}. `}
      {next === null || status === "parked" ? null : (
        <>
          Next attempt <Moment at={next} />.
        </>
      )}
      {status === "pending" && next === null
        ? "It waits for the one before it: an incident's events go out in order."
        : null}
    </>
  );
}

function Facts({ delivery }: { readonly delivery: FullDeliveryWire }) {
  const { nameOf } = useEndpointNames();
  const { id, endpoint_id, incident_id, failed_over_to: standIn } = delivery;
  const linkTo = (deliveryId: string, words: string) => (
    <Link to="/deliveries/$deliveryId" params={{ deliveryId }}>
      {words}
    </Link>
  );
  const links = [
    ["Replaced by", delivery.replaced_by],
    ["Sent again for", delivery.resend_of],
    ["In place of", delivery.failover_of],
    ["Fallback has it as", standIn?.delivery_id ?? null],
  ] as const;
  return (
    <Panel title="Facts">
      <DefinitionList
        entries={[
          ["webhook-id", <Copyable key="id" text={id} short={`…${id.slice(-12)}`} label="Copy the webhook-id" />],
          [
            "Endpoint",
            <EntityLink key="endpoint" entity="endpoint" id={endpoint_id}>
              <bdi>{nameOf(endpoint_id)}</bdi>
            </EntityLink>,
          ],
          ...(incident_id === null ? [] : [["Incident", <IncidentLink key="incident" id={incident_id} />] as const]),
          ["Event made", <Moment key="event" at={delivery.event_at} isExact />],
          ["Attempts", String(delivery.attempt_count)],
          ["Ended", <Moment key="ended" at={delivery.finished_at} isExact />],
          ...links.flatMap(([term, other]) =>
            other === null ? [] : [[term, linkTo(other, `…${other.slice(-12)}`)] as const],
          ),
        ]}
      />
    </Panel>
  );
}
