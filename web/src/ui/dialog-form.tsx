import { Button, Group, Stack } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import type { Submission } from "../lib/submission.ts";
import { ErrorPanel } from "./error-panel.tsx";

type DialogFormProps = {
  readonly submission: Submission;
  /** The verb on the button: "Rotate". */
  readonly action: string;
  /** False while there is nothing to send. */
  readonly isReady?: boolean;
  /** Called by Cancel, and after it was sent. */
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/** The form inside a dialog: its fields, what went wrong as a whole, and the two ways out. */
export function DialogForm({ submission, action, isReady = true, onClose, children }: DialogFormProps) {
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await submission.submit()) onClose();
  };
  return (
    <form onSubmit={(event) => void onSubmit(event)}>
      <Stack gap="md">
        {children}
        {submission.error === null ? null : <ErrorPanel error={submission.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isReady} loading={submission.isSending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
