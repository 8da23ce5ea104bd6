import { TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { useSubmission } from "../../lib/submission.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { SecretMaker, type SecretMakerForm } from "../../ui/secret-maker.tsx";
import { Select } from "../../ui/select.tsx";
import { VerifyHint } from "./verify-hint.tsx";

type RotateDialogProps = { readonly endpointId: string; readonly isOpen: boolean; readonly onClose: () => void };

const OVERLAPS = [
  { value: "0", label: "not at all: the old secret is known to others" },
  { value: "3600", label: "for an hour" },
  { value: "86400", label: "for a day" },
  { value: "604800", label: "for a week" },
];

/** Makes a new signing secret; the old one signs as well for a while, so that no receiver refuses anything. */
export function RotateDialog({ endpointId, isOpen, onClose }: RotateDialogProps) {
  return (
    <SecretMaker
      isOpen={isOpen}
      onClose={onClose}
      title="Rotate the signing secret"
      form={(parts) => <RotateForm {...parts} endpointId={endpointId} />}
      madeTitle="The new signing secret"
    >
      <VerifyHint />
    </SecretMaker>
  );
}

function RotateForm({ endpointId, onClose, onMade }: SecretMakerForm & Pick<RotateDialogProps, "endpointId">) {
  const client = useQueryClient();
  const [overlap, setOverlap] = useState("86400");
  const [own, setOwn] = useState("");
  const submission = useSubmission(async () => {
    const body = { overlap_seconds: Number(overlap), ...(own.trim() === "" ? {} : { secret: own.trim() }) };
    const answer = await change<EndpointWire>("POST", `/endpoints/${endpointId}/rotate-secret`, body);
    await client.invalidateQueries({ queryKey: ["endpoint"] });
    onMade([{ label: "Signing secret", value: answer.secret ?? "", variable: "OVERWATCH_WEBHOOK_SECRET" }]);
  }, ["secret", "overlap_seconds"]);
  return (
    <DialogForm submission={submission} action="Make a new secret" onClose={onClose}>
      <Select
        label="The old secret signs as well"
        data={OVERLAPS}
        value={overlap}
        allowDeselect={false}
        onChange={(value) => setOverlap(value ?? overlap)}
        error={submission.problemOf("overlap_seconds")}
      />
      <TextInput
        label="A secret of your own"
        description="whsec_ and base64; one is made when this is empty."
        value={own}
        autoComplete="off"
        onChange={(event) => setOwn(event.currentTarget.value)}
        error={submission.problemOf("secret")}
      />
    </DialogForm>
  );
}
