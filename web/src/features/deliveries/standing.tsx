import { useQuery } from "@tanstack/react-query";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { EntityLink } from "../../ui/entity-link.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";

/** What keeps everything from an endpoint; null when nothing does. */
export type Hold = "disabled" | "held" | "open" | "trying" | null;

/** Reads the endpoint of a delivery; the stream tells when its circuit changes. */
export function useStanding(endpointId: string): EndpointWire | undefined {
  const { data } = useQuery({
    queryKey: ["endpoint", "standing", endpointId],
    queryFn: ({ signal }) => get<EndpointWire>(`/endpoints/${endpointId}`, { signal }),
    // Also of one that was deleted: what is said of it then is nothing.
    retry: false,
  });
  return data;
}

/** What keeps everything from this endpoint. */
export function holdOf({ enabled, circuit }: Pick<EndpointWire, "enabled" | "circuit">): Hold {
  if (!enabled || circuit.state === "disabled") return "disabled";
  if (circuit.state === "half_open") return "trying";
  if (circuit.state === "open") return circuit.held_by === null ? "open" : "held";
  return null;
}

/** Why a parked delivery waits, since when, and what happens next. */
export function WhyParked({ endpoint }: { readonly endpoint: EndpointWire }) {
  const { id, name, circuit } = endpoint;
  const hold = holdOf(endpoint);
  const advice = hold === "disabled" ? (circuit.disabled_reason ?? circuit.diagnosis) : circuit.diagnosis;
  return (
    <Panel title="Why it waits">
      <div style={{ display: "grid", gap: 8 }}>
        <p>
          <Sentence endpoint={endpoint} /> Nothing is lost, and no retry is spent.
        </p>
        {advice === null || hold === null ? null : (
          <p>
            <bdi>{advice}</bdi>
          </p>
        )}
        <p>
          <EntityLink entity="endpoint" id={id}>
            Look at the endpoint <bdi>{name}</bdi>
          </EntityLink>
        </p>
      </div>
    </Panel>
  );
}

function Sentence({ endpoint }: { readonly endpoint: EndpointWire }) {
  const { opened_at: openedAt, next_probe_at: nextProbeAt } = endpoint.circuit;
  const opened =
    openedAt === null ? null : (
      <>
        ; it opened <Moment at={openedAt} />
      </>
    );
  switch (holdOf(endpoint)) {
    case "disabled":
      return "The endpoint is disabled: nothing is sent until somebody enables it.";
    case "held":
      return <>A person holds the endpoint's circuit open{opened}. Nothing is sent until somebody closes it.</>;
    case "trying":
      return "The endpoint's circuit is half-open: one delivery is let through to see whether the receiver is back.";
    case "open":
      return (
        <>
          The endpoint's circuit is open{opened}.{" "}
          {nextProbeAt === null ? null : (
            <>
              The next probe comes <Moment at={nextProbeAt} />; when it succeeds, what is parked goes out.
            </>
          )}
        </>
      );
    default:
      return "The endpoint's circuit is closed again: it goes out in its turn.";
  }
}
