import { describe, expect, it } from "vitest";
import { createManualClock } from "../runtime/clock.ts";
import { createLog } from "../runtime/log.ts";
import { createUseNotes, type Use } from "./use-notes.ts";

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);

describe("notes of uses", () => {
  it("know of a use until it is surely in the database, also while it is being written", async () => {
    const clock = createManualClock(NOW);
    const batches: (readonly Use[])[] = [];
    const { promise: isWritten, resolve } = Promise.withResolvers<void>();
    const notes = createUseNotes({ clock, log: createLog("silent") }, (uses) => {
      batches.push(uses);
      return isWritten;
    });
    expect(notes.lastUse("one")).toBeNull();
    notes.note({ organizationId: "o", id: "one", usedAt: NOW });
    expect(notes.lastUse("one")).toBe(NOW);
    clock.advance(30_001);
    notes.note({ organizationId: "o", id: "two", usedAt: clock.now() });
    expect(batches.map((batch) => batch.map(({ id }) => id))).toEqual([["one", "two"]]);
    expect([notes.lastUse("one"), notes.lastUse("two")]).toEqual([NOW, clock.now()]);
    notes.note({ organizationId: "o", id: "one", usedAt: clock.now() });
    expect(notes.lastUse("one")).toBe(clock.now());
    resolve();
    await notes.flush();
    expect(batches.at(-1)).toEqual([{ organizationId: "o", id: "one", usedAt: clock.now() }]);
  });
});
