import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import type { EndpointWire, IntegrationWire, PresetWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { useSubmission } from "../../lib/submission.ts";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { LinkButton } from "../../ui/link-button.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { UnsavedGuard } from "../../ui/unsaved-guard.tsx";
import { AddressFields } from "./address-fields.tsx";
import { AuthFields } from "./auth-fields.tsx";
import { createBody, type EndpointDraft } from "./endpoint-draft.ts";
import styles from "./endpoints.module.css";
import { EventFields } from "./event-fields.tsx";
import { FORM_PATHS } from "./form-parts.ts";
import { FallbackFields, LinkFields } from "./link-fields.tsx";
import { fillPlaceholders, placeholdersOf } from "./placeholders.ts";
import { PaceFields, PolicyFields } from "./policy-fields.tsx";
import { TemplateEditor } from "./template-editor.tsx";

const route = getRouteApi("/console/endpoints/new");

type NewEndpointFormProps = {
  readonly preset: PresetWire | null;
  readonly start: EndpointDraft;
  readonly onMade: (endpoint: EndpointWire) => void;
};

/** The settings of a new endpoint, with what would be sent beside its template. */
export function NewEndpointForm({ preset, start, onMade }: NewEndpointFormProps) {
  const client = useQueryClient();
  const { integration } = route.useSearch();
  const [first] = useState(start);
  const [draft, setDraft] = useState(first);
  const [filled, setFilled] = useState<Readonly<Record<string, string>>>({});
  const words = placeholdersOf(draft);
  const whole = fillPlaceholders(draft, filled);
  const prefix = integration === undefined ? "" : "webhook_config.";
  const submission = useSubmission(
    async () => {
      onMade(await make(whole, integration));
      await Promise.all([
        client.invalidateQueries({ queryKey: ["endpoints"] }),
        client.invalidateQueries({ queryKey: ["integration"] }),
        client.invalidateQueries({ queryKey: ["integrations"] }),
      ]);
    },
    FORM_PATHS.map((path) => prefix + path),
  );
  const set = (part: Partial<EndpointDraft>): void => setDraft((before) => ({ ...before, ...part }));
  const parts = { draft, set, problemOf: (path: string) => submission.problemOf(prefix + path) };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    void submission.submit();
  };
  return (
    <form onSubmit={onSubmit} noValidate>
      <UnsavedGuard isChanged={draft !== first || Object.keys(filled).length > 0} />
      <div className={styles.stack}>
        {preset === null ? null : <Notes preset={preset} />}
        <Panel title="Where it goes">
          <div className={styles.stack}>
            {words.length === 0 ? null : (
              <PlaceholderFields words={words} filled={filled} onChange={setFilled} url={whole.url} />
            )}
            <AddressFields
              {...parts}
              aboutOf={(name) => preset?.variables.find((variable) => variable.name === name)?.about}
            />
          </div>
        </Panel>
        <Panel title="What it hears">
          <EventFields {...parts} />
        </Panel>
        <Panel title="What is sent">
          <TemplateEditor
            draft={whole}
            variableNames={draft.variables?.map(({ name }) => name) ?? []}
            onChange={(template) => set({ template })}
            problem={parts.problemOf("template")}
          />
        </Panel>
        <Further
          title="Who calls: tokens, passwords, certificates"
          isOpen={hasProblem(parts, ["auth", "proxy", "client_certificate"])}
        >
          <AuthFields {...parts} />
        </Further>
        <Further
          title="Retries, circuit, pace and order"
          isOpen={hasProblem(parts, ["retry", "circuit", "timeout_seconds", "rate_limit", "max_in_flight", "collapse"])}
        >
          <div className={styles.stack}>
            <PolicyFields {...parts} />
            <PaceFields {...parts} />
          </div>
        </Further>
        <Further
          title="Tickets: what is kept of answers, overrides"
          isOpen={hasProblem(parts, ["capture", "overrides"])}
        >
          <LinkFields {...parts} />
        </Further>
        <Further title="Fallback" isOpen={hasProblem(parts, ["fallback"])}>
          <FallbackFields {...parts} />
        </Further>
      </div>
      <div className={styles.bar}>
        <Button type="submit" loading={submission.isSending}>
          Create the endpoint
        </Button>
        <LinkButton to="/endpoints" variant="default">
          Cancel
        </LinkButton>
        {FORM_PATHS.some((path) => parts.problemOf(path) !== undefined) ? (
          <span role="alert" style={{ color: "var(--ow-critical)" }}>
            Some fields are not right yet; what is wrong stands at each.
          </span>
        ) : null}
        {submission.error === null ? null : (
          <div style={{ flex: "1 1 320px" }}>
            <ErrorPanel error={submission.error} />
          </div>
        )}
      </div>
    </form>
  );
}

async function make(draft: EndpointDraft, integrationId: string | undefined): Promise<EndpointWire> {
  const body = createBody(draft);
  if (integrationId === undefined) return change<EndpointWire>("POST", "/endpoints", body);
  const answer = await change<IntegrationWire>("PATCH", `/integrations/${integrationId}`, { webhook_config: body });
  if (answer.webhook_config === null) throw new Error("The integration came back without its endpoint");
  return answer.webhook_config;
}

function hasProblem(
  { problemOf }: { readonly problemOf: (path: string) => string | undefined },
  paths: readonly string[],
) {
  return paths.some((path) => problemOf(path) !== undefined);
}

function Notes({ preset }: { readonly preset: PresetWire }) {
  if (preset.notes.length === 0) return null;
  return (
    <Panel title={`Before you begin: ${preset.title}`}>
      <ul className={styles.notes}>
        {preset.notes.map((note) => (
          <li key={note}>{coded(note)}</li>
        ))}
      </ul>
    </Panel>
  );
}

/** What stands between backticks as code. */
function coded(text: string): readonly ReactNode[] {
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence never move
  return text.split("`").map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}

type PlaceholderFieldsProps = {
  readonly words: readonly string[];
  readonly filled: Readonly<Record<string, string>>;
  readonly onChange: (filled: Readonly<Record<string, string>>) => void;
  readonly url: string;
};

function PlaceholderFields({ words, filled, onChange, url }: PlaceholderFieldsProps) {
  return (
    <div className={styles.tight}>
      <p>Fill in what is yours; it stands in capitals in the URL.</p>
      <div className={styles.three}>
        {words.map((word) => (
          <TextInput
            key={word}
            label={word}
            value={filled[word] ?? ""}
            autoComplete="off"
            onChange={(event) => onChange({ ...filled, [word]: event.currentTarget.value })}
          />
        ))}
      </div>
      <p className="ow-dim">
        Calls{" "}
        <code>
          <bdi>{url}</bdi>
        </code>
      </p>
    </div>
  );
}

type FurtherProps = { readonly title: string; readonly isOpen: boolean; readonly children: ReactNode };

/** A part that most endpoints need not look at; it opens by itself where something in it is wrong. */
function Further({ title, isOpen, children }: FurtherProps) {
  const [isUnfolded, setUnfolded] = useState(false);
  return (
    <details
      className={styles.further}
      open={isOpen || isUnfolded}
      onToggle={(event) => setUnfolded(event.currentTarget.open)}
    >
      <summary>{title}</summary>
      <div className={styles.furtherBody}>{children}</div>
    </details>
  );
}
