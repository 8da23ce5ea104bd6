import { useQuery } from "@tanstack/react-query";
import type { IncidentWire } from "../../../server/src/api/contract.ts";
import { get } from "../lib/api.ts";
import { EntityLink } from "./entity-link.tsx";

/** A link to an incident by its number and title, which are read for it. */
export function IncidentLink({ id }: { readonly id: string }) {
  const { data } = useQuery({
    queryKey: ["incident", "name", id],
    queryFn: ({ signal }) => get<IncidentWire>(`/incidents/${id}`, { signal }),
    staleTime: 60_000,
  });
  return (
    <EntityLink entity="incident" id={id}>
      {data === undefined ? (
        "Open the incident"
      ) : (
        <>
          #{data.number} <bdi>{data.title}</bdi>
        </>
      )}
    </EntityLink>
  );
}
