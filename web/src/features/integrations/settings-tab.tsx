import { Button, Checkbox, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { IntegrationWire } from "../../../../server/src/api/contract.ts";
import { ApiFailure, change, type Versioned } from "../../lib/api.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { useSubmission } from "../../lib/submission.ts";
import { showToast } from "../../lib/toasts.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { NumberField } from "../../ui/number-field.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { SecretDialog, type ShownSecret } from "../../ui/secret-dialog.tsx";
import { Select } from "../../ui/select.tsx";
import { UnsavedGuard } from "../../ui/unsaved-guard.tsx";
import styles from "./integrations.module.css";
import { usePlatforms } from "./platforms.ts";
import { defaultRateWords, type SettingsDraft, settingsOf, settingsPatch } from "./settings-draft.ts";
import { shownSecrets } from "./verification.ts";
import { VerificationFields } from "./verification-fields.tsx";

type SettingsTabProps = { readonly versioned: Versioned<IntegrationWire> };

const PATHS = [
  "name",
  "verification",
  "allowed_ips",
  "rate_limit",
  "body_limit_bytes",
  "quarantine_limit",
  "grouping",
  "reopen_seconds",
  "stale_after_seconds",
  "silent_after_seconds",
  "flapping_changes",
  "flapping_window_seconds",
];

/** Everything about an integration that can be changed. */
export function SettingsTab({ versioned }: SettingsTabProps) {
  const [round, setRound] = useState(0);
  const isAdmin = useIsAllowed("admin");
  const [secrets, setSecrets] = useState<readonly ShownSecret[] | null>(null);
  return (
    <div className={styles.stack}>
      <fieldset disabled={!isAdmin} style={{ display: "contents" }}>
        <SettingsForm
          key={round}
          versioned={versioned}
          onSaved={(answer) => {
            const shown = shownSecrets(answer);
            if (shown.length > 0) setSecrets(shown);
            setRound(round + 1);
          }}
          onReload={() => setRound(round + 1)}
        />
      </fieldset>
      {isAdmin ? <DangerZone integration={versioned.body} /> : null}
      <SecretDialog title="A secret for the new proof" secrets={secrets} onClose={() => setSecrets(null)}>
        <p>Set it on the sender's side: webhooks are verified by it from now on.</p>
      </SecretDialog>
    </div>
  );
}

type SettingsFormProps = SettingsTabProps & {
  readonly onSaved: (answer: IntegrationWire) => void;
  readonly onReload: () => void;
};

function SettingsForm({ versioned, onSaved, onReload }: SettingsFormProps) {
  const client = useQueryClient();
  const isAdmin = useIsAllowed("admin");
  // What somebody else saves meanwhile must not change the form under the hands.
  const [{ body: integration, etag }] = useState(versioned);
  const [draft, setDraft] = useState(() => settingsOf(integration));
  const platform = usePlatforms()?.find(({ name }) => name === integration.platform);
  const patch = settingsPatch(integration, draft);
  const isChanged = Object.keys(patch).length > 0;
  const set = (changes: Partial<SettingsDraft>): void => setDraft((before) => ({ ...before, ...changes }));
  const submission = useSubmission(async () => {
    const options = etag === null ? {} : { ifMatch: etag };
    const answer = await change<IntegrationWire>("PATCH", `/integrations/${integration.id}`, patch, options);
    showToast("The settings are saved and hold from now on.", { tone: "good" });
    await client.invalidateQueries({ queryKey: ["integration", integration.id] });
    await client.invalidateQueries({ queryKey: ["integrations"] });
    onSaved(answer);
  }, PATHS);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    await submission.submit();
  };
  const { problemOf } = submission;
  const number = (name: keyof SettingsDraft, path: string, label: string, description: string) => (
    <NumberField
      label={label}
      description={description}
      isWhole
      value={String(draft[name]) === "" ? null : Number(draft[name])}
      onChange={(value) => set({ [name]: value === null ? "" : String(value) })}
      error={problemOf(path)}
    />
  );
  return (
    <form className={styles.form} onSubmit={(event) => void onSubmit(event)}>
      <UnsavedGuard isChanged={isAdmin && isChanged} />
      <Panel title="Name and proof">
        <div className={styles.form}>
          <TextInput
            label="Name"
            required
            value={draft.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            error={problemOf("name")}
          />
          <VerificationFields
            draft={draft.verification}
            onChange={(verification) => set({ verification })}
            platform={platform}
            problemOf={problemOf}
          />
        </div>
      </Panel>
      <Panel title="What is let in">
        <div className={styles.form}>
          <Textarea
            label="Allowed addresses"
            description="Addresses or CIDR ranges, one a line. Empty allows all."
            autosize
            minRows={2}
            value={draft.allowedIps}
            onChange={(event) => set({ allowedIps: event.currentTarget.value })}
            error={problemOf("allowed_ips")}
          />
          <div className={styles.pair}>
            {number("rateRequests", "rate_limit.requests", "Webhooks", defaultRateWords(platform))}
            {number("rateSeconds", "rate_limit.per_seconds", "in so many seconds", "More are told to come again.")}
          </div>
          <div className={styles.pair}>
            {number("bodyLimit", "body_limit_bytes", "Largest body, in bytes", "At most 10,485,760.")}
            {number("quarantineLimit", "quarantine_limit", "Kept while not understood", "More are refused.")}
          </div>
        </div>
      </Panel>
      <Panel title="How alerts become incidents">
        <div className={styles.form}>
          <Textarea
            label="Group by"
            description="dedup_key makes an incident of each alert. Names of labels, one a line, fold alerts that agree in them into one."
            autosize
            minRows={1}
            value={draft.groupBy}
            onChange={(event) => set({ groupBy: event.currentTarget.value })}
            error={problemOf("grouping.by") ?? problemOf("grouping")}
          />
          <div className={styles.pair}>
            {number(
              "groupWindow",
              "grouping.window_seconds",
              "Joins for so many seconds",
              "Empty: as long as it is open.",
            )}
            <Select
              label="Groups hold"
              description="Whether alerts of other integrations may join."
              data={[
                { value: "integration", label: "within this integration" },
                { value: "organization", label: "across all integrations" },
              ]}
              value={draft.groupScope}
              allowDeselect={false}
              onChange={(value) => set({ groupScope: value === "organization" ? "organization" : "integration" })}
            />
          </div>
          <Checkbox
            label="Resolve an incident when all its alerts are resolved"
            checked={draft.autoResolve}
            onChange={(event) => set({ autoResolve: event.currentTarget.checked })}
          />
          <div className={styles.pair}>
            {number(
              "reopen",
              "reopen_seconds",
              "Reopen within, in seconds",
              "An alert that fires again so soon reopens its incident.",
            )}
            {number(
              "stale",
              "stale_after_seconds",
              "Resolve after silence, in seconds",
              "Alerts not heard of for so long. Empty: never.",
            )}
            {number(
              "silent",
              "silent_after_seconds",
              "Warn of silence, in seconds",
              "When nothing at all came for so long. Empty: never.",
            )}
          </div>
          <div className={styles.pair}>
            {number("flappingChanges", "flapping_changes", "Flapping after so many changes", "At least 2.")}
            {number("flappingWindow", "flapping_window_seconds", "within so many seconds", "At most a day.")}
          </div>
        </div>
      </Panel>
      {submission.error === null ? null : (
        <ErrorPanel error={submission.error} {...(isStale(submission.error) ? { onRetry: onReload } : {})} />
      )}
      {isAdmin ? (
        <div className={styles.foot}>
          <Button type="submit" disabled={!isChanged} loading={submission.isSending}>
            Save the settings
          </Button>
          {isChanged ? (
            <Button variant="default" onClick={onReload}>
              Take the changes back
            </Button>
          ) : null}
        </div>
      ) : null}
    </form>
  );
}

/** Somebody else saved meanwhile: the form has to begin again from what is there now. */
function isStale(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 412;
}

function DangerZone({ integration }: { readonly integration: IntegrationWire }) {
  const client = useQueryClient();
  const router = useRouter();
  const [isAsking, setAsking] = useState(false);
  const remove = async (): Promise<void> => {
    await change("DELETE", `/integrations/${integration.id}`);
    client.removeQueries({ queryKey: ["integration", integration.id] });
    await client.invalidateQueries({ queryKey: ["integrations"] });
    await router.navigate({ to: "/integrations", ignoreBlocker: true });
  };
  return (
    <Panel title="Delete">
      <div className={styles.danger}>
        <p>Its address answers 404 from then on, and what its sender says is lost. Receipts and incidents stay.</p>
        <Button color="red" variant="light" size="xs" onClick={() => setAsking(true)}>
          Delete the integration
        </Button>
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`Delete ${integration.name}`}
        action="Delete the integration"
        typedName={integration.name}
        onConfirm={remove}
      >
        Webhooks to its address are refused for good. Disable it instead when it shall come back.
      </ConfirmDialog>
    </Panel>
  );
}
