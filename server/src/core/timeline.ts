import type { JsonObject } from "./json.ts";

/** What a line of an incident's timeline is about. */
export const TIMELINE_KINDS = [
  "opened",
  "alerts_joined",
  "alerts_resolved",
  "alerts_refired",
  "severity_raised",
  "severity_lowered",
  "acknowledged",
  "unacknowledged",
  "assigned",
  "note",
  "source_note",
  "edited",
  "resolved",
  "reopened",
  "merged",
  "unmerged",
  "snoozed",
  "snooze_ended",
  "flapping_started",
  "flapping_ended",
] as const;

/** The kind of a line of an incident's timeline. */
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

/** The actor of what Overwatch does by itself. */
export const OVERWATCH_ACTOR = "overwatch";

/** The actor of what an integration's signals do. */
export function integrationActor(integrationId: string): string {
  return `integration:${integrationId}`;
}

/** One line of an incident's timeline that has no id yet; `at` in epoch milliseconds. */
export type TimelineDraft = {
  readonly organizationId: string;
  readonly incidentId: string;
  readonly at: number;
  readonly kind: TimelineKind;
  /** `integration:<id>`, `overwatch`, or whoever acted through the API. */
  readonly actor: string;
  readonly text: string;
  readonly details: JsonObject;
};

const FOLDED: ReadonlySet<TimelineKind> = new Set(["alerts_joined", "alerts_resolved", "alerts_refired"]);
const NAMED_TITLES = 5;

const FOLDED_TEXT: Partial<Record<TimelineKind, string>> = {
  alerts_joined: "alerts joined",
  alerts_resolved: "alerts were resolved",
  alerts_refired: "alerts fired again",
};

/** Folds lines that say the same of many alerts of one incident into one line each, so that a storm stays readable. */
export function foldTimeline(drafts: readonly TimelineDraft[]): readonly TimelineDraft[] {
  const folded: TimelineDraft[] = [];
  const places = new Map<string, number>();
  for (const draft of drafts) {
    const key = `${draft.incidentId} ${draft.kind} ${draft.actor}`;
    const place = FOLDED.has(draft.kind) ? places.get(key) : undefined;
    const known = place === undefined ? undefined : folded[place];
    if (place === undefined || known === undefined) {
      if (FOLDED.has(draft.kind)) places.set(key, folded.length);
      folded.push(draft);
    } else {
      folded[place] = foldTwo(known, draft);
    }
  }
  return folded;
}

function foldTwo(known: TimelineDraft, next: TimelineDraft): TimelineDraft {
  const count = Number(known.details.count ?? 1) + 1;
  const titles = [...titlesOf(known), ...titlesOf(next)].slice(0, NAMED_TITLES);
  const more = count > titles.length ? `, and ${count - titles.length} more` : "";
  return {
    ...known,
    text: `${count} ${FOLDED_TEXT[known.kind] ?? known.kind}: ${titles.join(", ")}${more}`,
    details: { count, titles },
  };
}

function titlesOf(draft: TimelineDraft): readonly string[] {
  const titles = draft.details.titles;
  return Array.isArray(titles) ? titles.map(String) : [];
}
