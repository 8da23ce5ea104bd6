import { Button, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { IncidentWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { useSubmission } from "../../lib/submission.ts";
import { showToast } from "../../lib/toasts.ts";
import { SEVERITY_WORDS } from "../../ui/badge.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Select } from "../../ui/select.tsx";
import { showIncidents } from "./incident-cache.ts";

type EditDialogProps = { readonly incident: IncidentWire; readonly isOpen: boolean; readonly onClose: () => void };

/** Title, severity and description by hand. */
export function EditDialog({ incident, isOpen, onClose }: EditDialogProps) {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={`Edit #${incident.number}`}
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {isOpen ? <EditForm incident={incident} onClose={onClose} /> : null}
    </Modal>
  );
}

const SEVERITIES = Object.entries(SEVERITY_WORDS).map(([value, label]) => ({ value, label }));

function EditForm({ incident, onClose }: Omit<EditDialogProps, "isOpen">) {
  const client = useQueryClient();
  const [title, setTitle] = useState(incident.title);
  const [severity, setSeverity] = useState<string>(incident.severity);
  const [description, setDescription] = useState(incident.description);
  const changes = {
    ...(title.trim() === incident.title ? {} : { title: title.trim() }),
    ...(severity === incident.severity ? {} : { severity }),
    ...(description === incident.description ? {} : { description }),
  };
  const send = async (): Promise<void> => {
    const saved = await change<IncidentWire>("PATCH", `/incidents/${incident.id}`, changes);
    showIncidents(client, [saved]);
    await client.invalidateQueries({ queryKey: ["timeline", incident.id] });
  };
  const submission = useSubmission(send, ["title", "severity", "description"]);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!(await submission.submit())) return;
    showToast("Saved", { tone: "good" });
    onClose();
  };
  return (
    <form onSubmit={(event) => void onSubmit(event)}>
      <Stack gap="md">
        <p>What is set by hand is not changed by later signals.</p>
        <TextInput
          label="Title"
          required
          maxLength={500}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          error={submission.problemOf("title")}
          data-autofocus
        />
        <Select
          label="Severity"
          data={SEVERITIES}
          value={severity}
          allowDeselect={false}
          onChange={(value) => setSeverity(value ?? incident.severity)}
          error={submission.problemOf("severity")}
        />
        <Textarea
          label="Description"
          autosize
          minRows={3}
          maxRows={10}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={submission.problemOf("description")}
        />
        {submission.error === null ? null : <ErrorPanel error={submission.error} />}
        <Button type="submit" disabled={Object.keys(changes).length === 0} loading={submission.isSending}>
          Save
        </Button>
      </Stack>
    </form>
  );
}
