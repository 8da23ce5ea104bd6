import { Autocomplete, SegmentedControl, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import type { IncidentWire, Page, UserWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { countOf } from "../../lib/numbers.ts";
import { useSession } from "../../lib/session.ts";
import { useSubmission } from "../../lib/submission.ts";
import { SEVERITY_WORDS } from "../../ui/badge.tsx";
import { DialogForm } from "../../ui/dialog-form.tsx";
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
  const isDone = useRef(false);
  const run = async (what: IncidentAct): Promise<void> => {
    isDone.current = await act(ids, what);
  };
  // In one go: the dialog must not be seen without what it was about.
  const close = (): void => {
    onClose();
    if (isDone.current) onDone();
    isDone.current = false;
  };
  const title = kind === null ? "" : `${TITLES[kind]} ${countOf(ids.length, "incident")}`;
  return (
    <DialogWindow isOpen={isOpen} onClose={close} title={title}>
      {kind === "assign" ? <AssignForm onRun={run} onClose={close} /> : null}
      {kind === "snooze" ? <SnoozeForm onRun={run} onClose={close} /> : null}
      {kind === "merge" ? <MergeForm ids={ids} onRun={run} onClose={close} /> : null}
    </DialogWindow>
  );
}

type FormProps = {
  /** Acts; whether that succeeded or not, the dialog closes. */
  readonly onRun: (act: IncidentAct) => Promise<void>;
  readonly onClose: () => void;
};

/** The same form as in other dialogs; what went wrong is told by the toast of the action. */
function ActionForm({ label, children, isReady, onSubmit, onClose }: ActionFormProps) {
  const submission = useSubmission(onSubmit, []);
  return (
    <DialogForm submission={submission} action={label} isReady={isReady} onClose={onClose}>
      {children}
    </DialogForm>
  );
}

type ActionFormProps = Pick<FormProps, "onClose"> & {
  readonly label: string;
  readonly children: ReactNode;
  readonly isReady: boolean;
  readonly onSubmit: () => Promise<void>;
};

function AssignForm({ onRun, onClose }: FormProps) {
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
      onClose={onClose}
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

function SnoozeForm({ onRun, onClose }: FormProps) {
  const [seconds, setSeconds] = useState<string>(SPANS[0].value);
  const until = (): string => new Date(Date.now() + Number(seconds) * 1_000).toISOString();
  return (
    <ActionForm label="Snooze" isReady onClose={onClose} onSubmit={() => onRun({ action: "snooze", until: until() })}>
      <p>Updates are held back until then. A worse severity still comes through.</p>
      <SegmentedControl fullWidth aria-label="For how long" data={[...SPANS]} value={seconds} onChange={setSeconds} />
    </ActionForm>
  );
}

function MergeForm({ ids, onRun, onClose }: FormProps & { readonly ids: readonly string[] }) {
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
      onClose={onClose}
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
