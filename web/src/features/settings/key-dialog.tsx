import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { ApiKeyWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { useNow } from "../../lib/now.ts";
import { ROLES, type Role } from "../../lib/session.ts";
import { useSubmission } from "../../lib/submission.ts";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { SecretDialog } from "../../ui/secret-dialog.tsx";
import { ROLE_WORDS } from "./invite-dialog.tsx";

type KeyDialogProps = {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onMade: () => Promise<void>;
};

const DAY_MS = 86_400_000;
const LIFETIMES = [
  { value: "30", label: "in 30 days" },
  { value: "90", label: "in 90 days" },
  { value: "365", label: "in a year" },
  { value: "never", label: "never" },
];

/** Makes an API key and shows it this once. */
export function KeyDialog({ isOpen, onClose, onMade }: KeyDialogProps) {
  const [made, setMade] = useState<string | null>(null);
  return (
    <>
      <Modal
        opened={isOpen}
        onClose={onClose}
        title="Make an API key"
        centered
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {isOpen ? (
          <KeyForm
            onClose={onClose}
            onMade={(key) => {
              setMade(key);
              void onMade();
            }}
          />
        ) : null}
      </Modal>
      <SecretDialog
        title="The new API key"
        secrets={made === null ? null : [{ label: "API key", value: made, variable: "OVERWATCH_API_KEY" }]}
        onClose={() => setMade(null)}
      />
    </>
  );
}

function KeyForm({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: (key: string) => void }) {
  const now = useNow();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [lifetime, setLifetime] = useState("90");
  const submission = useSubmission(async () => {
    const expiresAt = lifetime === "never" ? null : new Date(now + Number(lifetime) * DAY_MS).toISOString();
    const made = await change<ApiKeyWire>("POST", "/api-keys", { name: name.trim(), role, expires_at: expiresAt });
    onMade(made.key ?? "");
  }, ["name", "role", "expires_at"]);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await submission.submit()) onClose();
  };
  return (
    <form onSubmit={(event) => void onSubmit(event)}>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="Who or what uses it, such as “deploy script”."
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={submission.problemOf("name")}
        />
        <Select
          label="Role"
          description={`A key of this role ${ROLE_WORDS[role]}.`}
          data={[...ROLES]}
          value={role}
          allowDeselect={false}
          onChange={(chosen) => setRole(ROLES.find((known) => known === chosen) ?? role)}
          error={submission.problemOf("role")}
        />
        <Select
          label="Expires"
          data={LIFETIMES}
          value={lifetime}
          allowDeselect={false}
          onChange={(chosen) => setLifetime(chosen ?? lifetime)}
          error={submission.problemOf("expires_at")}
        />
        {submission.error === null ? null : <ErrorPanel error={submission.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={submission.isSending}>
            Make the key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
