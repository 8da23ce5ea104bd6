import { Checkbox, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { change } from "../lib/api.ts";
import { useIsAllowed } from "../lib/session.ts";
import { useSubmission } from "../lib/submission.ts";
import { showToast } from "../lib/toasts.ts";
import { DialogForm } from "./dialog-form.tsx";
import { DialogWindow } from "./dialog-window.tsx";
import type { ViewPage } from "./view-page.ts";

type Saved = { readonly page: ViewPage; readonly query: string; readonly onClose: () => void };

/** Keeps a search under a name. */
export function SaveViewDialog({ isOpen, ...form }: Saved & { readonly isOpen: boolean }) {
  return (
    <DialogWindow isOpen={isOpen} onClose={form.onClose} title="Save this search as a view">
      <SaveForm {...form} />
    </DialogWindow>
  );
}

function SaveForm({ page, query, onClose }: Saved) {
  const client = useQueryClient();
  const canShare = useIsAllowed("responder");
  const [name, setName] = useState("");
  const [isShared, setShared] = useState(false);
  const submission = useSubmission(async () => {
    await change("POST", "/views", { name: name.trim(), page, query, is_shared: isShared });
    await client.invalidateQueries({ queryKey: ["views"] });
    showToast(`Saved the view ${name.trim()}`, { tone: "good" });
  }, ["name"]);
  return (
    <DialogForm submission={submission} action="Save the view" onClose={onClose}>
      <TextInput
        label="Name"
        required
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={submission.problemOf("name")}
      />
      {canShare ? (
        <Checkbox
          label="Everybody in the organization sees it"
          checked={isShared}
          onChange={(event) => setShared(event.currentTarget.checked)}
        />
      ) : null}
    </DialogForm>
  );
}
