import { Button, Switch, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import {
  Bell,
  BellOff,
  Check,
  CircleDot,
  Eye,
  EyeOff,
  GitMerge,
  type LucideIcon,
  MessageSquare,
  Pencil,
  Repeat2,
  RotateCcw,
  Split,
  TrendingDown,
  TrendingUp,
  UserPlus,
} from "lucide-react";
import { type FormEvent, useState } from "react";
import type { IncidentWire, TimelineWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { useIntegrationNames } from "../../lib/integration-names.ts";
import { useList } from "../../lib/list.ts";
import { useLiveEvents } from "../../lib/live.ts";
import { useSubmission } from "../../lib/submission.ts";
import type { Tone } from "../../ui/badge.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { Timeline, type TimelineEntry } from "../../ui/timeline.tsx";
import styles from "./incident.module.css";
import { incidentOf } from "./incident-cache.ts";
import { actorWords } from "./incident-side.tsx";

const route = getRouteApi("/console/incidents/$incidentId");

const LOOKS: Readonly<Record<string, readonly [LucideIcon, Tone]>> = {
  opened: [CircleDot, "critical"],
  alerts_joined: [Bell, "info"],
  alerts_resolved: [Check, "info"],
  alerts_refired: [Bell, "info"],
  severity_raised: [TrendingUp, "high"],
  severity_lowered: [TrendingDown, "low"],
  acknowledged: [Eye, "accent"],
  unacknowledged: [EyeOff, "info"],
  assigned: [UserPlus, "accent"],
  note: [MessageSquare, "accent"],
  source_note: [MessageSquare, "info"],
  edited: [Pencil, "info"],
  resolved: [Check, "good"],
  reopened: [RotateCcw, "high"],
  merged: [GitMerge, "info"],
  unmerged: [Split, "high"],
  snoozed: [BellOff, "info"],
  snooze_ended: [Bell, "info"],
  flapping_started: [Repeat2, "high"],
  flapping_ended: [Repeat2, "good"],
};

/** What single alerts did; the rest are the key moments. */
const MINOR: ReadonlySet<string> = new Set(["alerts_joined", "alerts_resolved", "alerts_refired", "snooze_ended"]);

type IncidentTimelineProps = { readonly incident: IncidentWire; readonly canAct: boolean };

/** What happened, newest first: the key moments, or everything. */
export function IncidentTimeline({ incident, canAct }: IncidentTimelineProps) {
  const { all = false } = route.useSearch();
  const navigate = route.useNavigate();
  const sources = useIntegrationNames();
  const client = useQueryClient();
  const list = useList<TimelineWire>({
    noun: "timeline",
    path: `/incidents/${incident.id}/timeline`,
    query: {},
    limit: 100,
  });
  const reread = (): Promise<void> =>
    client.invalidateQueries({ queryKey: ["timeline", `/incidents/${incident.id}/timeline`] });
  useLiveEvents(["incident."], (event) => {
    if (incidentOf(event)?.id === incident.id) void reread();
  });
  const lines = list.rows?.filter(({ kind }) => all || !MINOR.has(kind)) ?? [];
  return (
    <>
      {canAct ? <NoteForm incidentId={incident.id} onAdded={reread} /> : null}
      <div className={styles.bar}>
        <h2 style={{ fontSize: 14 }}>{all ? "All activity" : "Key moments"}</h2>
        <Switch
          size="xs"
          label="Show all activity"
          checked={all}
          onChange={(event) => {
            const isOn = event.currentTarget.checked;
            void navigate({ search: (before) => ({ ...before, all: isOn || undefined }), replace: true });
          }}
        />
      </div>
      {list.error === null ? null : <ErrorPanel error={list.error} onRetry={list.retry} />}
      {list.rows === null && list.error === null ? <PanelSkeleton label="the timeline" /> : null}
      <Timeline label="Timeline, newest first" entries={lines.map((line) => entryOf(line, sources))} />
      <LoadMore hasMore={list.hasMore} isReading={list.isReadingMore} onMore={list.readMore} />
    </>
  );
}

function entryOf(line: TimelineWire, sources: ReturnType<typeof useIntegrationNames>): TimelineEntry {
  const [icon, tone] = LOOKS[line.kind] ?? [CircleDot, "info"];
  const { id, at, kind, text } = line;
  const who = actorWords(line.actor, sources);
  if (kind === "note" || kind === "source_note") {
    const body = (
      <div className={styles.noteText}>
        <Markdown text={text} />
      </div>
    );
    return { id, at, icon, tone, title: <strong>{who}</strong>, body };
  }
  // Texts name the actor as it is stored; people see names.
  const words = text.replaceAll(/integration:[0-9a-f-]{36}/g, (actor) => actorWords(actor, sources));
  return { id, at, icon, tone, title: words.includes(who) ? words : `${words} · ${who}` };
}

function NoteForm({ incidentId, onAdded }: { readonly incidentId: string; readonly onAdded: () => Promise<void> }) {
  const [text, setText] = useState("");
  const submission = useSubmission(
    () => change("POST", `/incidents/${incidentId}/notes`, { text: text.trim() }),
    ["text"],
  );
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (text.trim() === "" || !(await submission.submit())) return;
    setText("");
    await onAdded();
  };
  return (
    <form className={styles.note} onSubmit={(event) => void onSubmit(event)}>
      <Textarea
        aria-label="Note"
        placeholder="What did you find? Markdown works."
        rows={2}
        classNames={{ input: styles.noteText ?? "" }}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
        }}
        error={submission.problemOf("text")}
      />
      {submission.error === null ? null : <ErrorPanel error={submission.error} />}
      {text.trim() === "" ? null : (
        <div className={styles.noteButtons}>
          <span className="ow-dim">Ctrl+Enter adds it</span>
          <Button type="submit" size="xs" loading={submission.isSending}>
            Add the note
          </Button>
        </div>
      )}
    </form>
  );
}
