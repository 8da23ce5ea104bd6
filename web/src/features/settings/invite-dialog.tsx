import { TextInput } from "@mantine/core";
import { useState } from "react";
import type { InvitedUserWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { ROLES, type Role } from "../../lib/session.ts";
import { useSubmission } from "../../lib/submission.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { SecretMaker, type SecretMakerForm } from "../../ui/secret-maker.tsx";
import { Select } from "../../ui/select.tsx";
import { ROLE_WORDS } from "./role-words.ts";

type InviteDialogProps = {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onInvited: () => Promise<void>;
};

/** Invites somebody; the link is shown once, for the administrator to pass on. */
export function InviteDialog({ isOpen, onClose, onInvited }: InviteDialogProps) {
  return (
    <SecretMaker
      isOpen={isOpen}
      onClose={onClose}
      title="Invite a person"
      form={(parts) => <InviteForm {...parts} onInvited={onInvited} />}
      madeTitle="The link of the invite"
      isLink
    >
      <p>It works once, for seven days; whoever opens it chooses the password.</p>
    </SecretMaker>
  );
}

function InviteForm({ onClose, onMade, onInvited }: SecretMakerForm & Pick<InviteDialogProps, "onInvited">) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("responder");
  const submission = useSubmission(async () => {
    const invited = await change<InvitedUserWire>("POST", "/users", { name: name.trim(), email: email.trim(), role });
    onMade([{ label: "Link", value: invited.invite_url, variable: "OVERWATCH_INVITE" }]);
    void onInvited();
  }, ["name", "email", "role"]);
  return (
    <DialogForm submission={submission} action="Make the link" onClose={onClose}>
      <TextInput
        label="Name"
        required
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={submission.problemOf("name")}
      />
      <TextInput
        label="Email"
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
    </DialogForm>
  );
}
