import { Type } from "typebox";
import { nullable, strict, Timestamp, Uuid } from "./shared.ts";

const figures = {
  matched: Type.Integer({ description: "Counted when events were matched, apart from the deliveries" }),
  succeeded: Type.Integer(),
  pending: Type.Integer(),
  in_flight: Type.Integer(),
  parked: Type.Integer(),
  exhausted: Type.Integer(),
  cancelled: Type.Integer(),
  difference: Type.Integer({ description: "The six states together less `matched`; negative when any are missing" }),
  balanced: Type.Boolean(),
  as_of: Timestamp,
  checked_at: nullable(Timestamp),
};

/** What became of everything that matched an endpoint. */
export const EndpointLedgerView = strict({ endpoint_id: Uuid, name: Type.String(), ...figures });

/** What became of everything that matched any endpoint of the organization, deleted ones included. */
export const WholeLedgerView = strict({ ...figures, endpoints: Type.Array(EndpointLedgerView) });
