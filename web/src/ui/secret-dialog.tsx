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
  /** A link to be passed on to a person, not a secret to be kept. */
  readonly isLink?: boolean;
  readonly children?: ReactNode;
};

/** Shows secrets once; it closes only after a word that they were saved or passed on. */
export function SecretDialog({ title, secrets, onClose, isLink = false, children }: SecretDialogProps) {
  return (
    <Dialog isOpen={secrets !== null} onClose={onClose} title={title} size="lg" isPersistent>
      {secrets === null ? null : (
        <SecretBody secrets={secrets} onClose={onClose} isLink={isLink}>
          {children}
        </SecretBody>
      )}
    </Dialog>
  );
}

function SecretBody({
  secrets,
  onClose,
  isLink,
  children,
}: Omit<SecretDialogProps, "title"> & { readonly secrets: readonly ShownSecret[] }) {
  const [isSaved, setSaved] = useState(false);
  const text = secrets.map(({ variable, value }) => `${variable}=${value}\n`).join("");
  return (
    <Stack gap="md">
      <p>
        This is shown once and cannot be shown again.{" "}
        {isLink
          ? "Send it to the person, and to nobody else, by a way that only that person reads."
          : "Keep it where your secrets are kept."}
      </p>
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
        label={isLink ? "I passed it on" : "I saved it"}
        checked={isSaved}
        onChange={(event) => setSaved(event.currentTarget.checked)}
        data-autofocus
      />
      <Group justify={isLink ? "flex-end" : "space-between"} gap="sm">
        {isLink ? null : (
          <Button
            component="a"
            variant="default"
            href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
            download="overwatch.env"
            leftSection={<Download size={14} aria-hidden="true" />}
          >
            Download .env
          </Button>
        )}
        <Button disabled={!isSaved} onClick={onClose}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
