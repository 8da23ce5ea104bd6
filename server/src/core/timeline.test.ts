import { expect, it } from "vitest";
import { foldTimeline, type TimelineDraft } from "./timeline.ts";

const line = (settings: Partial<TimelineDraft>): TimelineDraft => ({
  organizationId: "o",
  incidentId: "i",
  at: 1,
  kind: "alerts_joined",
  actor: "integration:a",
  text: "An alert joined: A",
  details: { count: 1, titles: ["A"] },
  ...settings,
});

it("says the same of many alerts of an incident in one line, and leaves all other lines apart", () => {
  const opened = line({ kind: "opened", text: "Opened", details: {} });
  const lines = [
    opened,
    ...Array.from({ length: 8 }, (_, n) => line({ details: { count: 1, titles: [`A${n}`] } })),
    line({ incidentId: "other" }),
    line({ kind: "note", text: "one", details: {} }),
    line({ kind: "note", text: "two", details: {} }),
  ];
  const folded = foldTimeline(lines);
  expect(folded.map((one) => one.text)).toEqual([
    "Opened",
    "8 alerts joined: A0, A1, A2, A3, A4, and 3 more",
    "An alert joined: A",
    "one",
    "two",
  ]);
  expect(folded[1]?.details).toEqual({ count: 8, titles: ["A0", "A1", "A2", "A3", "A4"] });
  expect(foldTimeline([])).toEqual([]);
});
