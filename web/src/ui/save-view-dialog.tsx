import { Button, Checkbox, Modal, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { change } from "../lib/api.ts";
import { useIsAllowed } from "../lib/session.ts";
import { useSubmission } from "../lib/submission.ts";
import { showToast } from "../lib/toasts.ts";
import { ErrorPanel } from "./error-panel.tsx";
import type { ViewPage } from "./view-page.ts";

type Saved = { readonly page: ViewPage; readonly query: string };
type SaveViewDialogProps = Saved & { readonly isOpen: boolean; readonly onClose: () => void };

/** Keeps a search under a name. */
export function SaveViewDialog({ isOpen, page, query, onClose }: SaveViewDialogProps) {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title="Save this search as a view"
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {isOpen ? <SaveForm page={page} query={query} onDone={onClose} /> : null}
    </Modal>
  );
}

function SaveForm({ page, query, onDone }: Saved & { readonly onDone: () => void }) {
  const client = useQueryClient();
  const canShare = useIsAllowed("responder");
  const [name, setName] = useState("");
  const [isShared, setShared] = useState(false);
  const send = (): Promise<unknown> =>
    change("POST", "/views", { name: name.trim(), page, query, is_shared: isShared });
  const submission = useSubmission(send, ["name"]);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!(await submission.submit())) return;
    await client.invalidateQueries({ queryKey: ["views"] });
    showToast(`Saved the view ${name.trim()}`, { tone: "good" });
    onDone();
  };
  return (
    <form onSubmit={(event) => void onSubmit(event)}>
      <Stack gap="md">
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
        {submission.error === null ? null : <ErrorPanel error={submission.error} />}
        <Button type="submit" loading={submission.isSending}>
          Save the view
        </Button>
      </Stack>
    </form>
  );
}
