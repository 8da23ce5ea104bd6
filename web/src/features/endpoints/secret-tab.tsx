import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { useSubmission } from "../../lib/submission.ts";
import { showToast } from "../../lib/toasts.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { SecretDialog } from "../../ui/secret-dialog.tsx";
import styles from "./endpoints.module.css";
import { VerifyHint } from "./verify-hint.tsx";

const OVERLAPS = [
  { value: "0", label: "not at all: the old secret is known to others" },
  { value: "3600", label: "for an hour" },
  { value: "86400", label: "for a day" },
  { value: "604800", label: "for a week" },
];

/** The signing secret, its rotation, and the end of the endpoint. */
export function SecretTab({ endpoint }: { readonly endpoint: EndpointWire }) {
  const [isRotating, setRotating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <div className={styles.stack}>
      <Panel
        title="Signing secret"
        actions={
          <Button size="xs" variant="default" onClick={() => setRotating(true)}>
            Rotate the secret
          </Button>
        }
      >
        <div className={styles.tight}>
          <p className={styles.words}>
            Every request is signed, so that the receiver knows that it was Overwatch. While a rotation overlaps,
            requests carry the signatures of both secrets, so that the receiver can change over without losing any.
          </p>
          <DefinitionList
            entries={endpoint.secrets.map(({ is_previous, created_at, expires_at }) => [
              is_previous ? "Previous" : "In use",
              <span key={created_at}>
                made <Moment at={created_at} />
                {expires_at === null ? null : (
                  <>
                    , signs until <Moment at={expires_at} isExact />
                  </>
                )}
              </span>,
            ])}
          />
        </div>
      </Panel>
      <Panel title="How the receiver checks it">
        <VerifyHint />
      </Panel>
      <DangerPanel endpoint={endpoint} />
      <RotateDialog endpoint={endpoint} isOpen={isRotating} onClose={() => setRotating(false)} onSecret={setSecret} />
      <SecretDialog
        title="The new signing secret"
        secrets={
          secret === null ? null : [{ label: "Signing secret", value: secret, variable: "OVERWATCH_WEBHOOK_SECRET" }]
        }
        onClose={() => setSecret(null)}
      >
        <VerifyHint />
      </SecretDialog>
    </div>
  );
}

type RotateProps = {
  readonly endpoint: EndpointWire;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onSecret: (secret: string) => void;
};

function RotateDialog(props: RotateProps) {
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title="Rotate the signing secret"
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {props.isOpen ? <RotateForm {...props} /> : null}
    </Modal>
  );
}

function RotateForm({ endpoint, onClose, onSecret }: RotateProps) {
  const client = useQueryClient();
  const [overlap, setOverlap] = useState("86400");
  const [own, setOwn] = useState("");
  const submission = useSubmission(async () => {
    const body = { overlap_seconds: Number(overlap), ...(own.trim() === "" ? {} : { secret: own.trim() }) };
    const answer = await change<EndpointWire>("POST", `/endpoints/${endpoint.id}/rotate-secret`, body);
    await client.invalidateQueries({ queryKey: ["endpoint"] });
    onSecret(answer.secret ?? "");
  }, ["secret", "overlap_seconds"]);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await submission.submit()) onClose();
  };
  return (
    <form onSubmit={(event) => void onSubmit(event)}>
      <Stack gap="md">
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
        {submission.error === null ? null : <ErrorPanel error={submission.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={submission.isSending}>
            Make a new secret
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function DangerPanel({ endpoint }: { readonly endpoint: EndpointWire }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isDeleting, setDeleting] = useState(false);
  return (
    <Panel title="Delete">
      <div className={styles.tight}>
        <p className={styles.words}>
          Nothing is sent from then on, and what waits is called off. What was delivered stays visible.
        </p>
        <div>
          <Button size="xs" color="red" onClick={() => setDeleting(true)}>
            Delete the endpoint
          </Button>
        </div>
      </div>
      <ConfirmDialog
        isOpen={isDeleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${endpoint.name}`}
        action="Delete the endpoint"
        typedName={endpoint.name.trim()}
        onConfirm={async () => {
          await change("DELETE", `/endpoints/${endpoint.id}`);
          await client.invalidateQueries({ queryKey: ["endpoints"] });
          showToast("The endpoint is deleted.");
          await navigate({ to: "/endpoints", ignoreBlocker: true });
          client.removeQueries({ queryKey: ["endpoint", endpoint.id] });
        }}
      >
        It hears nothing any more, and all that waits for it is called off. This cannot be taken back.
      </ConfirmDialog>
    </Panel>
  );
}
