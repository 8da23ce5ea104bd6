import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { InvitedUserWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { ROLES, type Role } from "../../lib/session.ts";
import { useSubmission } from "../../lib/submission.ts";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { SecretDialog } from "../../ui/secret-dialog.tsx";

type InviteDialogProps = {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onInvited: () => Promise<void>;
};

/** What each role may do, in words. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: "reads everything but secrets and API keys",
  responder: "acts on incidents, replays receipts, retries deliveries",
  admin: "also sets up integrations, endpoints, people and keys",
};

/** Invites somebody; the link is shown once, for the administrator to pass on. */
export function InviteDialog({ isOpen, onClose, onInvited }: InviteDialogProps) {
  const [link, setLink] = useState<string | null>(null);
  return (
    <>
      <Modal
        opened={isOpen}
        onClose={onClose}
        title="Invite a person"
        centered
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {isOpen ? (
          <InviteForm
            onClose={onClose}
            onInvited={(url) => {
              setLink(url);
              void onInvited();
            }}
          />
        ) : null}
      </Modal>
      <SecretDialog
        title="The link of the invite"
        secrets={link === null ? null : [{ label: "Link", value: link, variable: "OVERWATCH_INVITE" }]}
        onClose={() => setLink(null)}
      >
        <p>Give it to the person. It works once, for seven days; whoever opens it chooses the password.</p>
      </SecretDialog>
    </>
  );
}

function InviteForm({
  onClose,
  onInvited,
}: {
  readonly onClose: () => void;
  readonly onInvited: (url: string) => void;
}) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("responder");
  const submission = useSubmission(async () => {
    const invited = await change<InvitedUserWire>("POST", "/users", { name: name.trim(), email: email.trim(), role });
    onInvited(invited.invite_url);
  }, ["name", "email", "role"]);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await submission.submit()) onClose();
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
        <TextInput
          label="E-mail"
          description="The person signs in by it. Overwatch sends no mail."
          type="email"
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={submission.problemOf("email")}
        />
        <Select
          label="Role"
          description={`A person of this role ${ROLE_WORDS[role]}.`}
          data={[...ROLES]}
          value={role}
          allowDeselect={false}
          onChange={(chosen) => setRole(ROLES.find((known) => known === chosen) ?? role)}
          error={submission.problemOf("role")}
        />
        {submission.error === null ? null : <ErrorPanel error={submission.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={submission.isSending}>
            Make the link
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
