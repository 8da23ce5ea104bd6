import { PasswordInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { IntegrationWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { useSubmission } from "../../lib/submission.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { SecretMaker, type SecretMakerForm } from "../../ui/secret-maker.tsx";
import { Select } from "../../ui/select.tsx";
import { secretFieldOf, shownSecrets, typeOf } from "./verification.ts";

type RotateDialogProps = {
  readonly integration: IntegrationWire;
  readonly isOpen: boolean;
  readonly onClose: () => void;
};

const OVERLAPS = [
  { value: "0", label: "not at all: it may have leaked" },
  { value: "3600", label: "for an hour" },
  { value: "86400", label: "for a day" },
  { value: "604800", label: "for a week" },
];

/** Makes a new secret; the old one is accepted for a while, so that nothing is refused meanwhile. */
export function RotateDialog({ integration, isOpen, onClose }: RotateDialogProps) {
  return (
    <SecretMaker
      isOpen={isOpen}
      onClose={onClose}
      title="Rotate the secret"
      form={(parts) => <RotateForm {...parts} integration={integration} />}
      madeTitle="The new secret"
    >
      <p>Set it on the sender's side now. Until the old one ends both are accepted.</p>
    </SecretMaker>
  );
}

function RotateForm({ integration, onClose, onMade }: SecretMakerForm & Pick<RotateDialogProps, "integration">) {
  const client = useQueryClient();
  const [overlap, setOverlap] = useState("86400");
  const [own, setOwn] = useState("");
  const field = secretFieldOf(typeOf(integration.verification)) ?? "signing_secret";
  const submission = useSubmission(async () => {
    const answer = await change<IntegrationWire>("POST", `/integrations/${integration.id}/rotate-secret`, {
      overlap_seconds: Number(overlap),
      ...(own === "" ? {} : { [field]: own }),
    });
    onMade(shownSecrets(answer));
    await client.invalidateQueries({ queryKey: ["integration", integration.id] });
  }, [field, "overlap_seconds"]);
  return (
    <DialogForm submission={submission} action="Rotate" onClose={onClose}>
      <Select
        label="Accept the old secret"
        description="Long enough to change it on the sender's side."
        data={OVERLAPS}
        value={overlap}
        allowDeselect={false}
        onChange={(value) => setOverlap(value ?? overlap)}
        error={submission.problemOf("overlap_seconds")}
      />
      <PasswordInput
        label="The new secret"
        description="Only when the sender makes it, as PagerDuty does. Left empty, one is made."
        autoComplete="off"
        value={own}
        onChange={(event) => setOwn(event.currentTarget.value)}
        error={submission.problemOf(field)}
        visibilityToggleButtonProps={{ tabIndex: 0, "aria-label": "Show the secret" }}
      />
    </DialogForm>
  );
}
