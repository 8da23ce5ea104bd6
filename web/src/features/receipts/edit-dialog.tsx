import { Button, Group, Stack, Textarea } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { FullReceiptWire, PreviewWire, ResendWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { useSubmission } from "../../lib/submission.ts";
import { showToast } from "../../lib/toasts.ts";
import { CodeEditor } from "../../ui/code-editor.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { headersFrom, headersText } from "./header-lines.ts";
import { PreviewResult } from "./read-view.tsx";
import { readBody } from "./receipt-body.ts";

type EditDialogProps = {
  readonly receipt: FullReceiptWire;
  readonly isOpen: boolean;
  readonly onClose: () => void;
};

/** Changes a copy of a receipt, tries it, and sends it through triage as a receipt of its own. */
export function EditDialog({ receipt, isOpen, onClose }: EditDialogProps) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Edit and resend" size="xl">
      <EditForm receipt={receipt} onClose={onClose} />
    </Dialog>
  );
}

function EditForm({ receipt, onClose }: Omit<EditDialogProps, "isOpen">) {
  const router = useRouter();
  const read = readBody(receipt);
  const [body, setBody] = useState(read.kind === "json" ? JSON.stringify(read.value, null, 2) : (receipt.body ?? ""));
  const [lines, setLines] = useState(() => headersText(receipt.headers));
  const [preview, setPreview] = useState<PreviewWire | null>(null);
  const headers = lines === headersText(receipt.headers) ? undefined : headersFrom(lines);
  const paths = ["body", "headers"];
  const trying = useSubmission(async () => {
    const path = `/integrations/${receipt.integration_id}/preview`;
    setPreview(await change<PreviewWire>("POST", path, { body, headers: headers ?? receipt.headers }));
  }, paths);
  const sending = useSubmission(async () => {
    const sent = await change<ResendWire>("POST", `/receipts/${receipt.id}/resend`, { body, headers });
    showToast("The edited copy is on its way.", { tone: "good" });
    await router.navigate({ to: "/receipts/$receiptId", params: { receiptId: sent.receipt_id } });
  }, paths);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await sending.submit()) onClose();
  };
  const problemOf = (path: string): string | undefined => sending.problemOf(path) ?? trying.problemOf(path);
  const error = sending.error ?? trying.error;
  return (
    <form onSubmit={(event) => void onSubmit(event)}>
      <Stack gap="md">
        <p>
          The copy becomes a receipt of its own, marked as edited by you. It opens, changes and resolves incidents like
          any other; the figures of the integration leave it out.
        </p>
        <CodeEditor
          label="Body"
          language="json"
          value={body}
          onChange={setBody}
          minLines={10}
          error={problemOf("body")}
        />
        <Textarea
          label="Headers"
          description="One a line, as name: value."
          autosize
          minRows={2}
          maxRows={8}
          value={lines}
          onChange={(event) => setLines(event.currentTarget.value)}
          error={problemOf("headers")}
        />
        {preview === null ? null : (
          <section aria-label="What it would do">
            <PreviewResult preview={preview} />
          </section>
        )}
        {error === null ? null : <ErrorPanel error={error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={() => void trying.submit()} loading={trying.isSending}>
            Try without sending
          </Button>
          <Button type="submit" loading={sending.isSending}>
            Send the copy
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
