import { describe, expect, test } from "vitest";
import {
  databaseKilledWhileReceiving,
  databaseRestartsWhileRecording,
  nodeKilledBeforeTheRecord,
  type Scenario,
  zombieSpeaksTooLate,
} from "./support/crash-scenarios.ts";
import { PROGRAM } from "./support/node-process.ts";
import { type PlantedBug, plant } from "./support/planted-bug.ts";

// Each scenario is played by real processes on a real PostgreSQL: by the program as it is, and by programs with a planted
// bug, each of which must be found out. They have nothing in common, so several are played at a time.

// Several starts of the program each, on a machine that may be busy.
const TIME_LIMIT = { timeout: 240_000 };
// The program as it is takes a second at most, unless the machine is busy; a bug is waited for until this is over.
const PATIENCE_MS = { sound: 60_000, broken: 10_000 };

type Play = { readonly name: string; readonly play: Scenario; readonly bugs: readonly PlantedBug[] };

const PLAYS: readonly Play[] = [
  {
    name: "a node that is killed between a receiver's 2xx and the record causes exactly one more send, under the same id",
    play: nodeKilledBeforeTheRecord,
    bugs: [
      {
        name: "names every attempt anew",
        file: "deliver/outgoing.ts",
        replace: [["id: claim.id,", "id: `${claim.id}${claim.attempt}`,"]],
      },
      {
        name: "counts the attempt when it is over",
        file: "store/delivery-queue.ts",
        replace: [["attempt_count = attempt_count + 1", "attempt_count = attempt_count"]],
      },
      {
        name: "leaves alone what dead nodes have begun",
        file: "node/duties.ts",
        replace: [["if (heartbeat.deadNodeIds.length === 0) return;", "return;"]],
      },
    ],
  },
  {
    name: "a node that stood still while its lease ended writes nothing when it goes on",
    play: zombieSpeaksTooLate,
    bugs: [
      {
        name: "records whatever it hears, whoever holds the delivery by then",
        file: "store/delivery-queue.ts",
        replace: [
          [
            "and deliveries.lease_node = ${nodeId}\n        and deliveries.attempt_count = given.attempt\n      returning deliveries.organization_id",
            "returning deliveries.organization_id",
          ],
          ["and deliveries.id = given.id\n        and deliveries.status = 'in_flight'", "and deliveries.id = given.id"],
        ],
      },
    ],
  },
  {
    name: "a database that is killed has every webhook that was answered 200, and the node goes on by itself",
    play: databaseKilledWhileReceiving,
    bugs: [
      {
        name: "answers before the commit has returned",
        file: "receive/batcher.ts",
        replace: [
          [
            "first = await writeWithRetries(batch.map((row) => row.receipt));",
            "void writeWithRetries(batch.map((row) => row.receipt)).catch(() => undefined);\n      first = new Map();",
          ],
        ],
      },
      {
        name: "does not wait for the disk",
        file: "receive/receiver.ts",
        replace: [
          [
            "insertReceipts(deps.database, receipts, lease)",
            "insertReceipts({ rows: deps.database.lossyRows }, receipts, lease)",
          ],
        ],
      },
    ],
  },
  {
    name: "a database that restarts costs neither the node its life nor a delivery its record",
    play: databaseRestartsWhileRecording,
    bugs: [
      {
        name: "forgets a result that cannot be written at once",
        file: "deliver/recorder.ts",
        replace: [["failures += 1;", "failures += 1;\n        waiting = waiting.slice(batch.length);"]],
      },
      {
        name: "dies with an idle connection",
        file: "runtime/database.ts",
        replace: [['pool.on("error", (error) => options.onError?.(error));', ""]],
      },
    ],
  },
];

for (const { name, play, bugs } of PLAYS) {
  describe.concurrent(name, () => {
    test("so it is", TIME_LIMIT, async () => {
      expect(await play(PROGRAM, PATIENCE_MS.sound)).toEqual([]);
    });

    test.each(bugs)("a program that $name is found out", TIME_LIMIT, async (bug) => {
      const broken = plant(bug);
      try {
        expect(await play(broken.program, PATIENCE_MS.broken)).not.toEqual([]);
      } finally {
        broken.remove();
      }
    });
  });
}
