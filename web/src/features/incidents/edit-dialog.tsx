import { Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { IncidentWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { useSubmission } from "../../lib/submission.ts";
import { showToast } from "../../lib/toasts.ts";
import { SEVERITY_WORDS } from "../../ui/badge.tsx";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { DialogWindow } from "../../ui/dialog-window.tsx";
import { Select } from "../../ui/select.tsx";
import { showIncidents } from "./incident-cache.ts";

type EditDialogProps = { readonly incident: IncidentWire; readonly isOpen: boolean; readonly onClose: () => void };

/** Title, severity and description by hand. */
export function EditDialog({ incident, isOpen, onClose }: EditDialogProps) {
  return (
    <DialogWindow isOpen={isOpen} onClose={onClose} title={`Edit #${incident.number}`}>
      <EditForm incident={incident} onClose={onClose} />
    </DialogWindow>
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
    await client.invalidateQueries({ queryKey: ["timeline", `/incidents/${incident.id}/timeline`] });
    showToast("Saved", { tone: "good" });
  };
  const submission = useSubmission(send, ["title", "severity", "description"]);
  return (
    <DialogForm submission={submission} action="Save" isReady={Object.keys(changes).length > 0} onClose={onClose}>
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
    </DialogForm>
  );
}
