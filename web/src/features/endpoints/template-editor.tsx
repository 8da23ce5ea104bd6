import { Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useMemo, useState } from "react";
import type { RenderWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { showToast } from "../../lib/toasts.ts";
import { CodeEditor } from "../../ui/code-editor.tsx";
import type { CodeProblem } from "../../ui/code-editor-props.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { latePopup } from "../../ui/late-popup.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { type EndpointDraft, METHODS } from "./endpoint-draft.ts";
import { usePresets } from "./endpoint-queries.ts";
import styles from "./endpoints.module.css";
import { EventSelect } from "./event-fields.tsx";
import { pathsOf, useExample } from "./example.ts";
import { IncidentSelect } from "./incident-select.tsx";
import { overridesBody } from "./override-draft.ts";
import { findInTemplate, parseTemplate, writeTemplate } from "./template-text.ts";

const PresetsPopup = latePopup("menu", () => import("./presets-popup.tsx").then((module) => module.PresetsPopup));
const PAUSE_MS = 300;
const METHOD_WORDS: readonly string[] = METHODS;

type TemplateEditorProps = {
  readonly draft: EndpointDraft;
  readonly variableNames: readonly string[];
  readonly onChange: (template: string) => void;
  readonly problem: string | undefined;
  readonly isReadOnly?: boolean;
};

/** A template beside what it makes of an incident, checked while it is typed. */
export function TemplateEditor(props: TemplateEditorProps) {
  const { draft, variableNames, onChange, problem, isReadOnly = false } = props;
  const canTry = useIsAllowed("responder");
  const [incidentId, setIncidentId] = useState<string | null>(null);
  const [eventType, setEventType] = useState("incident.created");
  const example = useExample(incidentId);
  const trial = useTrial(draft, variableNames, incidentId, eventType);
  const parsed = useMemo(() => parseTemplate(draft.template), [draft.template]);
  const problems = useMemo(
    (): readonly CodeProblem[] =>
      parsed.ok
        ? (trial.data?.errors.flatMap((error) => placed(draft.template, error)) ?? [])
        : [{ position: parsed.position, message: parsed.message }],
    [parsed, trial.data, draft.template],
  );
  const links = draft.capture.map(({ name }) => `link.${name}`);
  return (
    <div className={styles.two}>
      <div className={styles.tight}>
        <CodeEditor
          label="Template"
          description={
            <>
              JSON whose texts may hold <code>{"{{ expressions }}"}</code>; inside of them, names are offered as you
              type. Empty sends the standard body.
            </>
          }
          language="json"
          minLines={14}
          value={draft.template}
          onChange={onChange}
          isReadOnly={isReadOnly}
          completions={pathsOf(example.data, [...variableNames, ...links])}
          problems={problems}
          error={parsed.ok ? problem : `The template ${parsed.message}`}
        />
        {isReadOnly ? null : <StartFrom current={draft.template} onChange={onChange} />}
      </div>
      {canTry ? (
        <section className={styles.tight} aria-label="Preview">
          <div className={styles.row}>
            <IncidentSelect label="Preview with" value={incidentId} onChange={setIncidentId} />
            <EventSelect label="Event" value={eventType} onChange={setEventType} />
          </div>
          {trial.error !== null ? (
            <ErrorPanel error={trial.error} onRetry={() => void trial.refetch()} />
          ) : trial.data === undefined ? (
            <PanelSkeleton label="what would be sent" lines={8} />
          ) : (
            <Rendered trial={trial.data} isStale={!parsed.ok} />
          )}
        </section>
      ) : null}
    </div>
  );
}

function useTrial(draft: EndpointDraft, variableNames: readonly string[], incidentId: string | null, event: string) {
  const canTry = useIsAllowed("responder");
  const parsed = parseTemplate(draft.template);
  const request = {
    template: parsed.ok ? parsed.value : null,
    ...(draft.url.trim() === "" ? {} : { url: draft.url.trim() }),
    method: draft.method,
    overrides: overridesBody(
      draft.overrides.filter((one) => one.event !== ""),
      [],
    ),
    // What a secret holds is nothing to show.
    variables: Object.fromEntries(variableNames.filter((name) => name.trim() !== "").map((name) => [name, "***"])),
    link: Object.fromEntries(draft.capture.filter(({ name }) => name !== "").map(({ name }) => [name, `{${name}}`])),
    event_type: event,
    ...(incidentId === null ? {} : { incident_id: incidentId }),
  };
  const [text] = useDebouncedValue(JSON.stringify(request), PAUSE_MS);
  return useQuery({
    queryKey: ["trial", text],
    queryFn: ({ signal }) => change<RenderWire>("POST", "/templates/render", JSON.parse(text) as unknown, { signal }),
    enabled: canTry && parsed.ok,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

function placed(template: string, { path, message, position }: RenderWire["errors"][number]): readonly CodeProblem[] {
  if (!path.startsWith("template")) return [];
  const at = findInTemplate(template, path.slice("template".length), position ?? 0);
  return [{ position: at ?? 0, message }];
}

function Rendered({ trial, isStale }: { readonly trial: RenderWire; readonly isStale: boolean }) {
  const body = pretty(trial.body);
  return (
    <>
      {isStale ? <p className="ow-dim">Of the last text that was JSON:</p> : null}
      {trial.url === null ? null : (
        <p>
          <code>
            {METHOD_WORDS.includes(trial.method) ? trial.method : ""} <bdi>{trial.url}</bdi>
          </code>
          {trial.override === null ? null : <span className="ow-dim"> by the override of {trial.override}</span>}
        </p>
      )}
      {trial.errors.length + trial.warnings.length === 0 ? null : (
        <ul className={styles.problems} aria-label="What is wrong">
          {trial.errors.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path}</code>: {message}
            </li>
          ))}
          {trial.warnings.map(({ path, message }) => (
            <li key={`${path} ${message}`} data-kind="warning">
              <code>{path}</code>: {message}
            </li>
          ))}
        </ul>
      )}
      {body === null ? null : (
        <>
          <div className={styles.badges}>
            <span className="ow-dim">{trial.content_type}</span>
            <CopyButton text={body} label="Copy the body" />
          </div>
          <pre className={styles.body} tabIndex={0} role="group" aria-label="What would be sent">
            {body}
          </pre>
        </>
      )}
    </>
  );
}

function pretty(body: string | null): string | null {
  if (body === null) return null;
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function StartFrom({ current, onChange }: { readonly current: string; readonly onChange: (template: string) => void }) {
  const { data: presets = [] } = usePresets();
  const replace = (template: string, words: string): void => {
    onChange(template);
    showToast(words, { undo: () => onChange(current) });
  };
  return (
    <div className={styles.badges}>
      <PresetsPopup
        presets={presets}
        onChoose={({ title, template }) => replace(writeTemplate(template), `The template is that of ${title} now.`)}
        target={
          <Button size="xs" variant="default" rightSection={<ChevronDown size={14} aria-hidden="true" />}>
            Reset to a preset
          </Button>
        }
      />
      {current === "" ? null : (
        <Button size="xs" variant="default" onClick={() => replace("", "The standard body is sent now.")}>
          Use the standard body
        </Button>
      )}
    </div>
  );
}
