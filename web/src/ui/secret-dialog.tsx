import { Button, Checkbox, Group, Stack } from "@mantine/core";
import { Download } from "lucide-react";
import { type ReactNode, useState } from "react";
import { CopyButton } from "./copy-button.tsx";
import { Dialog } from "./dialog.tsx";
import styles from "./secret.module.css";

/** Secrets that are shown this once. */
export type ShownSecret = {
  readonly label: string;
  readonly value: string;
  /** Its name in a `.env` file. */
  readonly variable: string;
};

type SecretDialogProps = {
  readonly title: string;
  readonly secrets: readonly ShownSecret[] | null;
  readonly onClose: () => void;
  readonly children?: ReactNode;
};

/** Shows secrets once; it closes only after a word that they were saved. */
export function SecretDialog({ title, secrets, onClose, children }: SecretDialogProps) {
  return (
    <Dialog isOpen={secrets !== null} onClose={onClose} title={title} size="lg" isPersistent>
      {secrets === null ? null : (
        <SecretBody secrets={secrets} onClose={onClose}>
          {children}
        </SecretBody>
      )}
    </Dialog>
  );
}

function SecretBody({
  secrets,
  onClose,
  children,
}: Omit<SecretDialogProps, "title"> & { readonly secrets: readonly ShownSecret[] }) {
  const [isSaved, setSaved] = useState(false);
  const text = secrets.map(({ variable, value }) => `${variable}=${value}\n`).join("");
  return (
    <Stack gap="md">
      <p>This is shown once and cannot be shown again. Keep it where your secrets are kept.</p>
      {secrets.map(({ label, value }) => (
        <div key={label}>
          <p className={styles.label}>{label}</p>
          <div className={styles.secret}>
            <code>{value}</code>
            <CopyButton text={value} label={`Copy: ${label}`} />
          </div>
        </div>
      ))}
      {children}
      <Checkbox
        label="I saved it"
        checked={isSaved}
        onChange={(event) => setSaved(event.currentTarget.checked)}
        data-autofocus
      />
      <Group justify="space-between" gap="sm">
        <Button
          component="a"
          variant="default"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
          download="overwatch.env"
          leftSection={<Download size={14} aria-hidden="true" />}
        >
          Download .env
        </Button>
        <Button disabled={!isSaved} onClick={onClose}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
