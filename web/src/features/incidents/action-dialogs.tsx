import { Autocomplete, Button, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import type { IncidentWire, Page, UserWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { countOf } from "../../lib/numbers.ts";
import { useSession } from "../../lib/session.ts";
import { SEVERITY_WORDS } from "../../ui/badge.tsx";
import { DialogWindow } from "../../ui/dialog-window.tsx";
import { Select } from "../../ui/select.tsx";
import { type IncidentAct, useIncidentActions } from "./incident-actions.ts";

/** A dialog that asks for what an action needs. */
export type ActionDialogKind = "assign" | "snooze" | "merge";

/** The incidents and what is asked of them. */
export type ActionDialogProps = {
  readonly isOpen: boolean;
  readonly kind: ActionDialogKind | null;
  readonly ids: readonly string[];
  readonly onClose: () => void;
  readonly onDone: () => void;
};

const TITLES: Readonly<Record<ActionDialogKind, string>> = { assign: "Assign", snooze: "Snooze", merge: "Merge" };

/** Assigns, snoozes or merges one incident or many. */
export function ActionDialog({ isOpen, kind, ids, onClose, onDone }: ActionDialogProps) {
  const act = useIncidentActions();
  const run = async (what: IncidentAct): Promise<void> => {
    if (await act(ids, what)) onDone();
    onClose();
  };
  const title = kind === null ? "" : `${TITLES[kind]} ${countOf(ids.length, "incident")}`;
  return (
    <DialogWindow isOpen={isOpen} onClose={onClose} title={title}>
      {kind === "assign" ? <AssignForm onRun={run} /> : null}
      {kind === "snooze" ? <SnoozeForm onRun={run} /> : null}
      {kind === "merge" ? <MergeForm ids={ids} onRun={run} /> : null}
    </DialogWindow>
  );
}

type FormProps = { readonly onRun: (act: IncidentAct) => Promise<void> };

function ActionForm({ label, children, isReady, onSubmit }: ActionFormProps) {
  const [isSending, setSending] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setSending(true);
    await onSubmit();
    setSending(false);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        {children}
        <Button type="submit" disabled={!isReady} loading={isSending}>
          {label}
        </Button>
      </Stack>
    </form>
  );
}

type ActionFormProps = {
  readonly label: string;
  readonly children: ReactNode;
  readonly isReady: boolean;
  readonly onSubmit: () => Promise<void>;
};

function AssignForm({ onRun }: FormProps) {
  const me = useSession()?.user.name;
  const [assignee, setAssignee] = useState("");
  const users = useQuery({
    queryKey: ["users", "names"],
    queryFn: ({ signal }) => get<Page<UserWire>>("/users", { query: { limit: 200 }, signal }),
  });
  const names = [...new Set([...(me === undefined ? [] : [me]), ...(users.data?.data.map(({ name }) => name) ?? [])])];
  const name = assignee.trim();
  return (
    <ActionForm
      label={name === "" ? "Assign to nobody" : `Assign to ${name}`}
      isReady
      onSubmit={() => onRun({ action: "assign", assignee: name === "" ? null : name })}
    >
      <Autocomplete
        label="Person or team"
        description="Leave it empty to take the assignment away."
        data={names}
        value={assignee}
        onChange={setAssignee}
        maxLength={200}
        data-autofocus
        comboboxProps={{ shadow: "md" }}
      />
    </ActionForm>
  );
}

const SPANS = [
  { value: "3600", label: "1 h" },
  { value: "14400", label: "4 h" },
  { value: "86400", label: "1 day" },
  { value: "604800", label: "1 week" },
] as const;

function SnoozeForm({ onRun }: FormProps) {
  const [seconds, setSeconds] = useState<string>(SPANS[0].value);
  const until = (): string => new Date(Date.now() + Number(seconds) * 1_000).toISOString();
  return (
    <ActionForm label="Snooze" isReady onSubmit={() => onRun({ action: "snooze", until: until() })}>
      <p>Updates are held back until then. A worse severity still comes through.</p>
      <SegmentedControl fullWidth aria-label="For how long" data={[...SPANS]} value={seconds} onChange={setSeconds} />
    </ActionForm>
  );
}

function MergeForm({ ids, onRun }: FormProps & { readonly ids: readonly string[] }) {
  const [text, setText] = useState("");
  const [intoId, setIntoId] = useState<string | null>(null);
  const found = useQuery({
    queryKey: ["incidents", "merge-targets", text],
    queryFn: ({ signal }) =>
      get<Page<IncidentWire>>("/incidents", {
        query: { q: text.trim() === "" ? undefined : text.trim(), status: ["open", "acknowledged"], limit: 25 },
        signal,
      }),
    placeholderData: (before) => before,
  });
  const targets = (found.data?.data ?? []).filter(({ id }) => !ids.includes(id));
  return (
    <ActionForm
      label="Merge"
      isReady={intoId !== null}
      onSubmit={() => (intoId === null ? Promise.resolve() : onRun({ action: "merge", into_id: intoId }))}
    >
      <p>Their alerts move into the incident that you choose, and they are resolved. It can be taken back later.</p>
      <TextInput
        label="Find the incident to merge into"
        placeholder="Title or number"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
      />
      <Select
        label="Merge into"
        placeholder={targets.length === 0 ? "No unresolved incident is called that" : "Choose one"}
        data={targets.map(({ id, number, title, severity }) => ({
          value: id,
          label: `#${number} ${title} (${SEVERITY_WORDS[severity]})`,
        }))}
        value={intoId}
        onChange={setIntoId}
        comboboxProps={{ shadow: "md" }}
      />
    </ActionForm>
  );
}
