import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { announce } from "../src/announce/announce.ts";
import type { EventType } from "../src/core/event.ts";
import { sql } from "../src/store/sql.ts";
import { createDeliveryKit, type DeliveryKit } from "./support/delivery-kit.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

let kit: DeliveryKit;
let receiver: Receiver;

beforeAll(async () => {
  kit = await createDeliveryKit();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await kit.close();
});
beforeEach(async () => {
  receiver.respondWith({ status: 200 });
  await kit.database.rows(sql`
    truncate deliveries, events, attempts, circuits, secrets, links, endpoints, ledger_entries, ledger_days cascade`);
});

type Row = {
  readonly sequence: number;
  readonly status: string;
  readonly cancel_reason: string | null;
  readonly speaker: number | null;
};

/** Every delivery of an incident: what became of it and which one speaks for it. */
const states = async (incidentId: string) =>
  (
    await kit.database.rows<Row>(sql`
      select deliveries.sequence, deliveries.status, deliveries.cancel_reason, speaker.sequence as speaker
      from deliveries
      left join deliveries speaker on speaker.id = deliveries.replaced_by
      where deliveries.incident_id = ${incidentId}
      order by deliveries.sequence`)
  ).map(
    (row) => `${row.sequence} ${row.cancel_reason ?? row.status}${row.speaker === null ? "" : ` by ${row.speaker}`}`,
  );

async function tell(incidentId: string, first: number, ...types: readonly EventType[]): Promise<void> {
  await kit.database.transaction((tx) =>
    announce(
      tx,
      kit,
      kit.organizationId,
      types.map((type, index) => ({
        type,
        incidentId,
        integrationId: null,
        endpointId: null,
        sequence: first + index,
        payload: { incident: { id: incidentId, number: first + index } },
        at: kit.clock.now(),
      })),
    ),
  );
}

const sent = (path: string) =>
  receiver.requests.filter((request) => request.url.startsWith(path)).map((request) => request.url.slice(path.length));

describe("an endpoint that collapses", () => {
  it("after an outage sends the first event and the latest state, so that what was made is what is changed", async () => {
    await kit.makeEndpoint({
      url: `${receiver.url}/tickets/{{default(link.id, 'new')}}/{{incident.number}}`,
      capture: { id: "json.id" },
      collapse: true,
    });
    receiver.respondWith({ status: 503 });
    const incident = kit.ids.next();
    const deliverer = kit.makeDeliverer();
    await tell(incident, 1, "incident.created");
    await deliverer.runOnce();
    for (let sequence = 2; sequence <= 20; sequence++) await tell(incident, sequence, "incident.updated");
    await tell(incident, 21, "incident.resolved");
    expect((await states(incident)).filter((state) => !state.includes("collapsed"))).toEqual([
      "1 pending",
      "21 pending",
    ]);
    receiver.respondWith({ status: 200, body: JSON.stringify({ id: "T7" }) });
    kit.clock.advance(5_000);
    await deliverer.runOnce();
    await deliverer.runOnce();
    expect(sent("/tickets")).toEqual(["/new/1", "/new/1", "/T7/21"]);
    expect(await states(incident)).toContain("7 collapsed by 8");
    const counted = await kit.database.rows<{ matched: number }>(sql`
      select sum(matched)::int as matched from ledger_entries`);
    expect(counted).toEqual([{ matched: (await kit.deliveries()).length }]);
  });

  it("folds a head that waits for its retry, once the receiver has heard of the incident", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/heard/{{incident.number}}`, collapse: true });
    const incident = kit.ids.next();
    const deliverer = kit.makeDeliverer();
    await tell(incident, 1, "incident.created");
    await deliverer.runOnce();
    receiver.respondWith({ status: 503 });
    await tell(incident, 2, "incident.updated");
    await deliverer.runOnce();
    await tell(incident, 3, "incident.updated", "incident.updated");
    expect(await states(incident)).toEqual(["1 succeeded", "2 collapsed by 4", "3 collapsed by 4", "4 pending"]);
    receiver.respondWith({ status: 200 });
    expect(await deliverer.runOnce(), "the latest is due at once").toBe(1);
    expect(sent("/heard")).toEqual(["/1", "/2", "/4"]);
  });

  it("leaves alone what is under way, and folds what came meanwhile when it ends", async () => {
    const { endpoint } = await kit.makeEndpoint({ url: `${receiver.url}/late/{{incident.number}}` });
    const incident = kit.ids.next();
    // Waits from before collapse was switched on.
    await tell(incident, 1, "incident.created", "incident.updated", "incident.updated", "incident.note_added");
    await kit.database.rows(sql`update endpoints set collapse = true where id = ${endpoint.id}`);
    const deliverer = kit.makeDeliverer();
    await deliverer.runOnce();
    expect(await states(incident)).toEqual(["1 succeeded", "2 collapsed by 4", "3 collapsed by 4", "4 pending"]);
    await deliverer.runOnce();
    expect(sent("/late")).toEqual(["/1", "/4"]);
  });

  it("folds nothing where it is not wanted, and nothing of other incidents", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/plain/{{incident.number}}` });
    await kit.makeEndpoint({ url: `${receiver.url}/folding/{{incident.number}}`, collapse: true });
    const [one, other] = [kit.ids.next(), kit.ids.next()];
    await tell(one, 1, "incident.created");
    await tell(other, 1, "incident.created");
    await tell(one, 2, "incident.updated", "incident.updated");
    const rows = await kit.database.rows<{ collapse: boolean; cancelled: number }>(sql`
      select endpoints.collapse, count(*) filter (where deliveries.status = 'cancelled')::int as cancelled
      from deliveries join endpoints on endpoints.id = deliveries.endpoint_id
      group by 1 order by 1`);
    expect(rows).toEqual([
      { collapse: false, cancelled: 0 },
      { collapse: true, cancelled: 1 },
    ]);
  });
});
