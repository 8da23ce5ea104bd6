import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { IntegrationCreateWire, IntegrationWire, PlatformWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { useIntegrationNames } from "../../lib/integration-names.ts";
import { useSubmission } from "../../lib/submission.ts";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Panel } from "../../ui/page-header.tsx";
import type { ShownSecret } from "../../ui/secret-dialog.tsx";
import { freeName } from "./free-name.ts";
import styles from "./integrations.module.css";
import { newDraft, secretFieldOf, shownSecrets, verificationFrom } from "./verification.ts";
import { VerificationFields } from "./verification-fields.tsx";

type WalkFormProps = {
  readonly platform: PlatformWire;
  readonly onMade: (integration: IntegrationWire, secrets: readonly ShownSecret[]) => void;
};

/** Names an integration and chooses by what its sender proves itself. */
export function WalkForm({ platform, onMade }: WalkFormProps) {
  const client = useQueryClient();
  const others = useIntegrationNames();
  const [typed, setName] = useState<string | null>(null);
  const suggested = freeName(
    platform.title,
    [...others.values()].map((other) => other.name),
  );
  const name = typed ?? (platform.name === "custom" ? "" : suggested);
  const [draft, setDraft] = useState(() => newDraft(platform.verification_types[0] ?? "signature"));
  const [secret, setSecret] = useState("");
  const field = secretFieldOf(draft.type);
  const submission = useSubmission(async () => {
    // It is taken from now on, and stays as it is all the same.
    setName(name);
    const request: IntegrationCreateWire = {
      name: name.trim(),
      platform: platform.name,
      verification: verificationFrom(draft, secret),
      ...(field === "signing_secret" && secret !== "" ? { signing_secret: secret } : {}),
    };
    const made = await change<IntegrationWire>("POST", "/integrations", request);
    await client.invalidateQueries({ queryKey: ["integrations"] });
    onMade(made, shownSecrets(made));
  }, ["name", "verification", "signing_secret"]);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    await submission.submit();
  };
  const secretProblem =
    submission.problemOf("signing_secret") ??
    submission.problemOf("verification.token") ??
    submission.problemOf("verification.password");
  return (
    <form className={styles.stack} onSubmit={(event) => void onSubmit(event)}>
      <Panel title={platform.title}>
        <div className={styles.form}>
          <TextInput
            label="Name"
            description="As you would call it in a sentence, such as “Grafana production”."
            required
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={submission.problemOf("name")}
          />
          <VerificationFields draft={draft} onChange={setDraft} platform={platform} problemOf={submission.problemOf} />
          {platform.can_sign ? null : (
            <p className={styles.small}>
              {platform.title} cannot sign its webhooks, so a token or a password proves them.
            </p>
          )}
          {field === null ? null : (
            <PasswordInput
              label="Secret"
              description="Only if the sender gave you one. Left empty, a good one is made and shown once."
              autoComplete="off"
              value={secret}
              onChange={(event) => setSecret(event.currentTarget.value)}
              error={secretProblem}
              visibilityToggleButtonProps={{ tabIndex: 0, "aria-label": "Show the secret" }}
            />
          )}
        </div>
      </Panel>
      {submission.error === null ? null : <ErrorPanel error={submission.error} />}
      <div className={styles.foot}>
        <Button type="submit" loading={submission.isSending}>
          Make the address
        </Button>
        <Link to="/integrations/new" search={{}}>
          Another platform
        </Link>
      </div>
    </form>
  );
}
