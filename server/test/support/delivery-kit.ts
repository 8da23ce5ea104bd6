import { randomBytes } from "node:crypto";
import { announce } from "../../src/announce/announce.ts";
import type { Endpoint } from "../../src/core/endpoint.ts";
import type { ClientCertificate, EndpointAuth } from "../../src/core/endpoint-auth.ts";
import type { EventType } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Place } from "../../src/core/share.ts";
import { createDeliverer, type Deliverer, type DelivererDeps } from "../../src/deliver/deliverer.ts";
import { createManualClock } from "../../src/runtime/clock.ts";
import { type Database, openDatabase } from "../../src/runtime/database.ts";
import { createEgress, type Egress } from "../../src/runtime/egress.ts";
import { createIds, type Ids } from "../../src/runtime/id.ts";
import { createLog, type Log } from "../../src/runtime/log.ts";
import { createMetrics, type Metrics } from "../../src/runtime/metrics.ts";
import { createVault, type Vault } from "../../src/runtime/secrets.ts";
import { generateSecret } from "../../src/runtime/webhook-signature.ts";
import { insertEndpoint } from "../../src/store/endpoints.ts";
import { ensureDefaultOrganization } from "../../src/store/organizations.ts";
import { ensurePartitions } from "../../src/store/partitions.ts";
import { insertSecret, placeOfSecret, type SecretPurpose } from "../../src/store/secrets.ts";
import { createTestDatabase } from "./database.ts";

/** The first moment of every test of deliveries, epoch milliseconds. */
export const STARTED_AT = Date.UTC(2026, 10, 23, 12, 0, 0);

/** A database with an organization, and what deliveries need, under a clock that is moved by hand. */
export type DeliveryKit = {
  readonly database: Database;
  readonly clock: ReturnType<typeof createManualClock>;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly vault: Vault;
  readonly egress: Egress;
  readonly organizationId: string;
  /** A deliverer of a node of its own, by itself unless it is placed among others. */
  makeDeliverer(nodeId?: string, place?: Place, more?: Partial<DelivererDeps>): Deliverer;
  makeEndpoint(settings: EndpointSettings): Promise<{ readonly endpoint: Endpoint; readonly secret: string }>;
  /** Makes an event and its deliveries; returns the event's id. */
  makeEvent(type: EventType, payload?: JsonObject): Promise<string>;
  /** How often a deliverer said that others have something to send. */
  toldElsewhere(): number;
  deliveries(): Promise<readonly DeliveryRow[]>;
  attempts(): Promise<readonly AttemptRow[]>;
  close(): Promise<void>;
};

/** What a test says of an endpoint; everything else takes its default. */
export type EndpointSettings = Partial<Endpoint> & {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly variables?: JsonObject;
  readonly auth?: EndpointAuth;
  readonly clientCertificate?: ClientCertificate;
};

/** A delivery as it is stored. */
export type DeliveryRow = {
  readonly id: string;
  readonly endpoint_id: string;
  readonly event_type: string;
  readonly status: string;
  readonly attempt_count: number;
  readonly retry_count: number;
  readonly next_attempt_at: number | null;
  readonly lease_node: string | null;
  readonly last_error: {
    readonly reason: string;
    readonly status_code: number | null;
    readonly message: string;
  } | null;
};

/** An attempt as it is stored. */
export type AttemptRow = {
  readonly delivery_id: string;
  readonly number: number;
  readonly reason: string | null;
  readonly status_code: number | null;
  readonly message: string | null;
  readonly request: JsonObject;
  readonly response: JsonObject | null;
};

/** Makes a kit on a clone of the template database. */
export async function createDeliveryKit(): Promise<DeliveryKit> {
  const testDatabase = await createTestDatabase();
  const clock = createManualClock(STARTED_AT);
  const ids = createIds(clock);
  const database = openDatabase({
    connection: testDatabase.connection,
    maxConnections: 6,
    statementTimeoutMs: 5_000,
    connectTimeoutMs: 30_000,
    applicationName: "test",
  });
  const log = createLog("silent");
  const metrics = createMetrics({ withProcessMetrics: false });
  const vault = createVault("a secret key of the tests, long enough");
  const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], now: clock.now });
  await ensurePartitions(database, clock.now());
  const organization = await database.transaction((tx) => ensureDefaultOrganization(tx, ids.next(), clock.now()));
  const organizationId = organization.id;
  const shared = { database, clock, ids, log, metrics, vault, egress };

  let toldElsewhere = 0;
  return {
    ...shared,
    organizationId,
    makeDeliverer: (nodeId = ids.next(), place = { rank: 0, nodes: 1 }, more = {}) =>
      createDeliverer({
        ...shared,
        nodeId,
        random: () => 0.5,
        monotonicNow: () => performance.now(),
        place: () => place,
        onElsewhere: () => {
          toldElsewhere += 1;
        },
        ...more,
      }),
    toldElsewhere: () => toldElsewhere,
    async makeEndpoint({ headers = {}, variables = {}, auth, clientCertificate, ...settings }) {
      const endpoint: Endpoint = {
        organizationId,
        id: ids.next(),
        integrationId: null,
        name: "receiver",
        method: "POST",
        events: ["*"],
        filter: null,
        template: null,
        enabled: true,
        timeoutSeconds: 5,
        retry: {},
        circuit: {},
        rateLimit: null,
        maxInFlight: 10,
        order: "incident",
        collapse: false,
        capture: null,
        overrides: {},
        fallback: null,
        proxy: null,
        version: 1,
        createdAt: clock.now(),
        updatedAt: clock.now(),
        ...settings,
      };
      const secret = generateSecret(randomBytes);
      await database.transaction(async (tx) => {
        await insertEndpoint(tx, endpoint);
        const seal = async (purpose: SecretPurpose, value: string): Promise<void> => {
          const place = { organizationId, id: ids.next(), purpose };
          await insertSecret(tx, {
            ...place,
            ownerKind: "endpoint",
            ownerId: endpoint.id,
            ciphertext: vault.seal(value, placeOfSecret(place)),
            createdAt: clock.now(),
          });
        };
        await seal("signing_secret", secret);
        await seal("headers", JSON.stringify(headers));
        await seal("variables", JSON.stringify(variables));
        if (auth !== undefined) await seal("auth", JSON.stringify(auth));
        if (clientCertificate !== undefined) await seal("client_certificate", JSON.stringify(clientCertificate));
      });
      return { endpoint, secret };
    },
    async makeEvent(type, payload = { incident: { id: ids.next(), title: "Disk is full", severity: "high" } }) {
      const [announcement] = await database.transaction((tx) =>
        announce(tx, shared, organizationId, [
          {
            type,
            incidentId: null,
            integrationId: null,
            endpointId: null,
            sequence: 0,
            payload,
            at: clock.now(),
          },
        ]),
      );
      return announcement?.id ?? "";
    },
    deliveries: () => database.rows<DeliveryRow>({ text: "select * from deliveries order by id", values: [] }),
    attempts: () =>
      database.rows<AttemptRow>({ text: "select * from attempts order by delivery_id, number", values: [] }),
    async close() {
      await egress.close();
      await database.close();
      await testDatabase.drop();
    },
  };
}
