import { TextInput } from "@mantine/core";
import { useState } from "react";
import type { ApiKeyWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { useNow } from "../../lib/now.ts";
import { ROLES, type Role } from "../../lib/session.ts";
import { useSubmission } from "../../lib/submission.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { SecretMaker, type SecretMakerForm } from "../../ui/secret-maker.tsx";
import { Select } from "../../ui/select.tsx";
import { ROLE_WORDS } from "./role-words.ts";

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
  return (
    <SecretMaker
      isOpen={isOpen}
      onClose={onClose}
      title="Make an API key"
      form={(parts) => <KeyForm {...parts} onDone={onMade} />}
      madeTitle="The new API key"
    />
  );
}

function KeyForm({ onClose, onMade, onDone }: SecretMakerForm & { readonly onDone: () => Promise<void> }) {
  const now = useNow();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [lifetime, setLifetime] = useState("90");
  const submission = useSubmission(async () => {
    const expiresAt = lifetime === "never" ? null : new Date(now + Number(lifetime) * DAY_MS).toISOString();
    const made = await change<ApiKeyWire>("POST", "/api-keys", { name: name.trim(), role, expires_at: expiresAt });
    onMade([{ label: "API key", value: made.key ?? "", variable: "OVERWATCH_API_KEY" }]);
    void onDone();
  }, ["name", "role", "expires_at"]);
  return (
    <DialogForm submission={submission} action="Make the key" onClose={onClose}>
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
    </DialogForm>
  );
}
