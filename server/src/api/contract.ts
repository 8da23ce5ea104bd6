import type { Static } from "typebox";
import type { ErrorBody } from "../core/errors.ts";
import type { PageAnswer } from "./paging.ts";
import type * as Activity from "./schemas/activity.ts";
import type * as Alerts from "./schemas/alerts.ts";
import type * as ApiKeys from "./schemas/api-keys.ts";
import type * as Audit from "./schemas/audit.ts";
import type * as BulkRuns from "./schemas/bulk-runs.ts";
import type * as Deliveries from "./schemas/deliveries.ts";
import type * as Endpoints from "./schemas/endpoints.ts";
import type * as IncidentLists from "./schemas/incident-lists.ts";
import type * as Incidents from "./schemas/incidents.ts";
import type * as Integrations from "./schemas/integrations.ts";
import type * as Ledgers from "./schemas/ledger.ts";
import type * as Overview from "./schemas/overview.ts";
import type * as Platforms from "./schemas/platforms.ts";
import type * as Presets from "./schemas/presets.ts";
import type * as Receipts from "./schemas/receipts.ts";
import type * as System from "./schemas/system.ts";
import type * as Templates from "./schemas/templates.ts";
import type * as Users from "./schemas/users.ts";
import type * as Views from "./schemas/views.ts";

// The wire types of the API for its own clients, derived from the schemas that requests and the OpenAPI document use.

/** A page of a list. */
export type Page<Row> = PageAnswer<Row>;

/** Every error answer. */
export type ApiError = ErrorBody;

/** An integration. */
export type IntegrationWire = Static<typeof Integrations.IntegrationView>;

/** The body of `POST /integrations`. */
export type IntegrationCreateWire = Static<typeof Integrations.IntegrationCreate>;

/** The body of `PATCH /integrations/{id}`. */
export type IntegrationPatchWire = Static<typeof Integrations.IntegrationPatch>;

/** What came to an integration, hour by hour. */
export type IntegrationActivityWire = Static<typeof Activity.IntegrationActivityView>;

/** What was sent to an endpoint, hour by hour. */
export type EndpointActivityWire = Static<typeof Activity.EndpointActivityView>;

/** A webhook that was refused. */
export type RefusalWire = Static<typeof Activity.RefusalView>;

/** What a payload would do. */
export type PreviewWire = Static<typeof Integrations.PreviewView>;

/** A receipt in a list. */
export type ReceiptWire = Static<typeof Receipts.ReceiptView>;

/** A receipt with body, headers and trace. */
export type FullReceiptWire = Static<typeof Receipts.FullReceiptView>;

/** What a replay does or would do. */
export type ReplayWire = Static<typeof Receipts.ReplayView>;

/** An alert. */
export type AlertWire = Static<typeof Incidents.AlertView>;

/** How many alerts have which value. */
export type AlertFacetsWire = Static<typeof Alerts.AlertFacetsView>;

/** An incident. */
export type IncidentWire = Static<typeof Incidents.IncidentView>;

/** How many incidents have which state, severity, integration and assignee. */
export type IncidentFacetsWire = Static<typeof IncidentLists.IncidentFacetsView>;

/** The body of `POST /incidents/bulk`. */
export type IncidentBulkRequestWire = Static<typeof IncidentLists.IncidentBulkRequest>;

/** What became of many incidents that were acted on at once. */
export type IncidentBulkWire = Static<typeof IncidentLists.IncidentBulkView>;

/** Earlier incidents like one. */
export type SimilarIncidentsWire = Static<typeof IncidentLists.SimilarView>;

/** Why an incident exists. */
export type IncidentWhyWire = Static<typeof IncidentLists.WhyView>;

/** A line of an incident's timeline. */
export type TimelineWire = Static<typeof Incidents.TimelineView>;

/** An endpoint. */
export type EndpointWire = Static<typeof Endpoints.EndpointView>;

/** The body of `POST /endpoints`. */
export type EndpointCreateWire = Static<typeof Endpoints.EndpointCreate>;

/** A starting point for endpoints. */
export type PresetWire = Static<typeof Presets.PresetView>;

/** The ledger of an endpoint. */
export type LedgerWire = Static<typeof Ledgers.EndpointLedgerView>;

/** The ledger of an organization. */
export type WholeLedgerWire = Static<typeof Ledgers.WholeLedgerView>;

/** An event. */
export type EventWire = Static<typeof Deliveries.EventView>;

/** A delivery in a list. */
export type DeliveryWire = Static<typeof Deliveries.DeliveryView>;

/** A delivery with its attempts. */
export type FullDeliveryWire = Static<typeof Deliveries.FullDeliveryView>;

/** A bulk run. */
export type BulkRunWire = Static<typeof BulkRuns.BulkRunView>;

/** What a bulk run would do. */
export type BulkPreviewWire = Static<typeof BulkRuns.BulkPreviewView>;

/** What replaying missed events would do. */
export type MissedPreviewWire = Static<typeof BulkRuns.MissedPreviewView>;

/** What rendering a template gave. */
export type RenderWire = Static<typeof Templates.RenderView>;

/** Whether an expression is right. */
export type ExpressionWire = Static<typeof Templates.ExpressionView>;

/** An API key. */
export type ApiKeyWire = Static<typeof ApiKeys.ApiKeyView>;

/** The tenant, and who asks. */
export type OrganizationWire = Static<typeof ApiKeys.OrganizationView>;

/** Whether the first administrator is still to be made. */
export type SetupWire = Static<typeof Users.SetupView>;

/** A link that works once and was not used yet. */
export type LinkWire = Static<typeof Users.LinkView>;

/** Who is signed in. */
export type SessionWire = Static<typeof Users.SessionView>;

/** A session of one's own. */
export type SessionRowWire = Static<typeof Users.SessionRow>;

/** A person. */
export type UserWire = Static<typeof Users.UserView>;

/** A person who was just invited. */
export type InvitedUserWire = Static<typeof Users.InvitedUserView>;

/** How things stand. */
export type OverviewWire = Static<typeof Overview.OverviewView>;

/** A node as it shows itself. */
export type NodeWire = Static<typeof Overview.NodeView>;

/** A platform in a list. */
export type PlatformWire = Static<typeof Platforms.PlatformView>;

/** A platform with its set-up guide and sample payloads. */
export type FullPlatformWire = Static<typeof Platforms.FullPlatformView>;

/** A search that somebody keeps under a name. */
export type SavedViewWire = Static<typeof Views.SavedViewView>;

/** The body of `POST /views`. */
export type SavedViewCreateWire = Static<typeof Views.ViewCreate>;

/** One thing that somebody did. */
export type AuditEntryWire = Static<typeof Audit.AuditEntryView>;
/** The way of a receipt, step by step. */
export type ReceiptLifecycleWire = Static<typeof Receipts.LifecycleView>;

/** The receipt before one. */
export type PreviousReceiptWire = Static<typeof Receipts.PreviousReceiptView>;

/** The receipt that an edited copy became. */
export type ResendWire = Static<typeof Receipts.ResendView>;

/** The body of `POST /integrations/{id}/trial`. */
export type TrialRequestWire = Static<typeof Integrations.TrialRequest>;

/** What the last payloads would become under a proposed configuration. */
export type TrialWire = Static<typeof Integrations.TrialView>;

/** How the installation stands. */
export type SystemWire = Static<typeof System.SystemView>;
