import { Type } from "typebox";
import { oneOf, pageParameters, strict, Timestamp, text, Uuid } from "./shared.ts";

/** The pages whose searches can be kept. */
export const VIEW_PAGES = ["incidents", "alerts", "receipts", "deliveries", "events"] as const;

const query = Type.String({ maxLength: 4_000, description: "The page's search, as it stands in its URL" });

/** `GET /views`. */
export const ViewListQuery = strict({ ...pageParameters, page: Type.Optional(oneOf(VIEW_PAGES)) });

/** `POST /views`. */
export const ViewCreate = strict({
  name: text(100),
  page: oneOf(VIEW_PAGES),
  query,
  is_shared: Type.Optional(Type.Boolean({ description: "Whether everybody in the organization sees it" })),
});

/** `PATCH /views/{id}`. */
export const ViewPatch = strict({
  name: Type.Optional(text(100)),
  page: Type.Optional(oneOf(VIEW_PAGES)),
  query: Type.Optional(query),
  is_shared: Type.Optional(Type.Boolean()),
});

/** A search that somebody keeps under a name. */
export const SavedViewView = strict({
  id: Uuid,
  name: Type.String(),
  page: oneOf(VIEW_PAGES),
  query: Type.String(),
  is_shared: Type.Boolean(),
  is_mine: Type.Boolean(),
  owner_name: Type.String(),
  created_at: Timestamp,
  updated_at: Timestamp,
});
