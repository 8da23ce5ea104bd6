import { Button, Group, Stack, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { Dialog } from "./dialog.tsx";
import { ErrorPanel } from "./error-panel.tsx";

type ConfirmDialogProps = {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** What will happen, and what cannot be taken back. */
  readonly children: ReactNode;
  /** The verb on the button: "Delete the integration". */
  readonly action: string;
  /** Has to be typed before the button works, for what cannot be taken back. */
  readonly typedName?: string;
  readonly isHarmless?: boolean;
  /** What the other button says: "Cancel" when not given. */
  readonly cancel?: string;
  /** Closes the dialog when it resolves, shows the error when it throws. */
  readonly onConfirm: () => Promise<unknown>;
};

/** Asks before something that cannot simply be undone. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { isOpen, onClose, title } = props;
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={title}>
      <ConfirmForm {...props} />
    </Dialog>
  );
}

function ConfirmForm(props: ConfirmDialogProps) {
  const { onClose, children, action, typedName, isHarmless = false, cancel = "Cancel", onConfirm } = props;
  const [typed, setTyped] = useState("");
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isReady = typedName === undefined || typed.trim() === typedName;
  const confirm = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!isReady || isSending) return;
    setSending(true);
    try {
      await onConfirm();
      onClose();
    } catch (problem) {
      setError(problem);
      setSending(false);
    }
  };
  return (
    <form onSubmit={(event) => void confirm(event)}>
      <Stack gap="md">
        <div>{children}</div>
        {typedName === undefined ? null : (
          <TextInput
            label={`Type ${typedName} to go on`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        {error === null ? null : <ErrorPanel error={error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {cancel}
          </Button>
          <Button type="submit" {...(isHarmless ? {} : { color: "red" })} disabled={!isReady} loading={isSending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
