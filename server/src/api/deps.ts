import type { IncomingMessage, ServerResponse } from "node:http";
import type { EventType } from "../core/event.ts";
import type { Integration } from "../core/integration.ts";
import type { JsonObject } from "../core/json.ts";
import type { Reading } from "../core/signal.ts";
import type { PlatformName } from "../platforms/platform.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import type { Ids } from "../runtime/id.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { Passwords } from "../runtime/password.ts";
import type { Vault } from "../runtime/secrets.ts";

import type { OidcClient } from "./oidc-client.ts";

/** What an outgoing address may be. */
export type AddressVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly message: string };

/** One thing that must be so before requests are sent here. */
export type ReadyCheck = { readonly name: string; readonly ok: boolean; readonly message: string };

/** How a platform's webhooks fared on this node; epoch milliseconds, null when none since the start. */
export type PlatformActivity = { readonly lastAcceptedAt: number | null; readonly lastFailedAt: number | null };

/** What is configured by hand and what it stands in. */
export type ConfigKind = "integration" | "endpoint" | "api_key" | "user" | "session";

/** A receipt that is tried, stored or not. */
export type TriedReceipt = {
  readonly organizationId: string;
  readonly id: string;
  readonly integrationId: string;
  readonly platform: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly verifiedBy: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly isReplay: boolean;
};

/** How receipts are read in a trial, in place of what their integration says. */
export type TriedConfiguration = Pick<Integration, "mapping" | "grouping">;

/** What receipts would do if they were processed now. */
export type TrialResult = {
  /** Those that do not wait for triage already. */
  readonly receipts: readonly {
    readonly id: string;
    readonly reading: Reading;
    readonly outcome: {
      readonly status: string;
      readonly reason: string | null;
      readonly incidentIds: readonly string[];
      readonly trace: JsonObject;
    };
  }[];
  readonly events: readonly {
    readonly id: string;
    readonly type: EventType;
    readonly incidentId: string | null;
    /** Null when there are too many to show. */
    readonly payload: JsonObject | null;
    readonly endpoints: readonly {
      readonly endpointId: string;
      readonly name: string;
      readonly matched: boolean;
      readonly why: string;
    }[];
  }[];
  readonly changedIncidentIds: readonly string[];
};

/** What this installation is, as the node that answers knows it. */
export type Installation = {
  readonly version: string;
  readonly isEmbedded: boolean;
  /** Where the data lives, for people; without a password. */
  readonly storage: string;
  /** Settings with where they come from, secrets masked. */
  readonly configuration: readonly {
    readonly name: string;
    readonly value: string;
    readonly source: "default" | "environment" | "file";
    readonly about: string;
  }[];
};

/** Everything that the API needs of the rest of the program. */
export type ApiDeps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly vault: Vault;
  readonly randomBytes: (count: number) => Buffer;
  readonly passwords: Passwords;
  /** The identity provider at which people can sign in, or null. */
  readonly oidc: OidcClient | null;
  /** Judges a URL that an endpoint would call, name look-up included. */
  readonly judgeUrl: (url: string) => Promise<AddressVerdict>;
  /** The forward proxies that endpoints may choose. */
  readonly proxyNames: readonly string[];
  /** How the outside reaches this Overwatch, without a slash at the end. */
  readonly publicUrl: () => string;
  /** Where a request came from, trusted proxies taken into account. */
  readonly sourceAddress: (request: IncomingMessage) => string;
  /** True when /metrics may be read without a key: the listener is on a loopback address. */
  readonly areMetricsOpen: boolean;
  /** The receiving path's request listener, for test sends; null on a node that does not receive. */
  readonly receive: ((request: IncomingMessage, response: ServerResponse) => void) | null;
  /** Processes receipts of one organization without writing anything. */
  readonly dryRun: (receipts: readonly TriedReceipt[], changes?: TriedConfiguration) => Promise<TrialResult>;
  readonly installation: Installation;
  readonly isDraining: () => boolean;
  readonly readyChecks: () => Promise<readonly ReadyCheck[]>;
  readonly activity: () => Readonly<Partial<Record<PlatformName, PlatformActivity>>>;
  /** Called after a change of configuration was committed, so that caches of all nodes let go of it. */
  readonly onConfigChanged: (kind: ConfigKind, id: string) => void;
  readonly wakeTriage: () => void;
  readonly wakeDeliver: () => void;
};
