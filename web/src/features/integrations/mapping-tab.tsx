import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useState } from "react";
import type { IntegrationWire, TrialWire } from "../../../../server/src/api/contract.ts";
import { ApiFailure, change, type Versioned } from "../../lib/api.ts";
import { jsonDifferences } from "../../lib/json-difference.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { useSubmission } from "../../lib/submission.ts";
import { showToast } from "../../lib/toasts.ts";
import { CodeEditor } from "../../ui/code-editor.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { UnsavedGuard } from "../../ui/unsaved-guard.tsx";
import styles from "./integrations.module.css";
import { readsTooLittle, TrialResult, tooLittleWords } from "./trial-result.tsx";

type MappingTabProps = { readonly versioned: Versioned<IntegrationWire> };

const EXAMPLE = {
  dedup_key: "payload.check + '/' + payload.host",
  title: ["payload.summary", "payload.check"],
  status: "payload.state",
  severity: "string(payload.priority)",
  labels: { host: "payload.host" },
  status_map: { ok: "resolved", "*": "firing" },
  severity_map: { "1": "critical", "*": "medium" },
};

/** Says where the fields of an alert stand in payloads that Overwatch does not know, tried on the last ones first. */
export function MappingTab({ versioned }: MappingTabProps) {
  const client = useQueryClient();
  const isAdmin = useIsAllowed("admin");
  const [{ body: integration, etag }, setBase] = useState(versioned);
  const stored = integration.mapping === null ? "" : JSON.stringify(integration.mapping, null, 2);
  const [text, setText] = useState(stored);
  const [tried, setTried] = useState<{ readonly text: string; readonly result: TrialWire } | null>(null);
  const reading = readMapping(text);
  const trying = useSubmission(async () => {
    const path = `/integrations/${integration.id}/trial`;
    setTried({ text, result: await change<TrialWire>("POST", path, { mapping: reading.mapping }) });
  }, ["mapping"]);
  const saving = useSubmission(async () => {
    const options = etag === null ? {} : { ifMatch: etag };
    const path = `/integrations/${integration.id}`;
    const answer = await change<IntegrationWire>("PATCH", path, { mapping: reading.mapping }, options);
    showToast(reading.mapping === null ? "The mapping is removed." : "The mapping is saved.", { tone: "good" });
    await client.invalidateQueries({ queryKey: ["integration", integration.id] });
    // The next save has to be based on this one.
    setBase({ body: answer, etag: null });
  }, ["mapping"]);
  const isTried = tried?.text === text;
  const doubted = isTried && readsTooLittle(tried.result) ? tried.result : null;
  const [isAsking, setAsking] = useState(false);
  const problem = reading.problem ?? trying.problemOf("mapping") ?? saving.problemOf("mapping");
  const error = trying.error ?? saving.error;
  const run = (): void => {
    saving.clear();
    void trying.submit();
  };
  return (
    <div className={styles.stack}>
      <UnsavedGuard isChanged={isAdmin && !isSame(reading, integration.mapping)} />
      <Panel title="Mapping">
        <div className={styles.form}>
          <p>
            Each field is a CEL expression over <code>payload</code>, <code>headers</code>, <code>now</code> and, with{" "}
            <code>each</code>, <code>item</code>. Empty means the platform's own reading
            {integration.platform === "custom" ? ", which tries the usual field names" : ""}.
          </p>
          <CodeEditor
            label="Mapping, as JSON"
            language="json"
            value={text}
            onChange={setText}
            minLines={12}
            error={problem}
            isReadOnly={!isAdmin}
          />
          {error === null || (error instanceof ApiFailure && error.fields.length > 0) ? null : (
            <ErrorPanel error={error} />
          )}
          <div className={styles.foot}>
            <Button
              variant={isTried ? "default" : "filled"}
              leftSection={<Play size={14} aria-hidden="true" />}
              disabled={reading.problem !== undefined}
              loading={trying.isSending}
              onClick={run}
            >
              Try on the last 20 payloads
            </Button>
            {isAdmin ? (
              <Button
                variant={isTried && doubted === null ? "filled" : "default"}
                disabled={!isTried || text === stored}
                loading={saving.isSending}
                onClick={() => (doubted === null ? void saving.submit() : setAsking(true))}
              >
                {doubted === null ? "Save the mapping" : "Save the mapping all the same…"}
              </Button>
            ) : null}
            {text === "" && isAdmin ? (
              <Button variant="subtle" onClick={() => setText(JSON.stringify(EXAMPLE, null, 2))}>
                Begin with an example
              </Button>
            ) : null}
            {isTried ? null : <span className={styles.small}>It is tried before it can be saved.</span>}
          </div>
        </div>
      </Panel>
      {tried === null ? null : <TrialResult result={tried.result} isOld={!isTried} />}
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title="Save a mapping that reads less?"
        action="Save it all the same"
        onConfirm={saving.submit}
      >
        {doubted === null ? null : tooLittleWords(doubted)} What cannot be read is quarantined: it is kept, and opens no
        incident until a mapping reads it and it is replayed.
      </ConfirmDialog>
    </div>
  );
}

type MappingReading = { readonly mapping: unknown; readonly problem?: string };

/** True when a text says what is stored already, however it is written. */
function isSame({ mapping, problem }: MappingReading, stored: unknown): boolean {
  return problem === undefined && jsonDifferences(stored, mapping).length === 0;
}

function readMapping(text: string): MappingReading {
  if (text.trim() === "") return { mapping: null };
  try {
    return { mapping: JSON.parse(text) as unknown };
  } catch (error) {
    return { mapping: null, problem: `No JSON: ${error instanceof Error ? error.message : "it cannot be read"}` };
  }
}
