import { failureHint } from "../../lib/failure-words.ts";
import { formatDuration } from "../../lib/numbers.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { JsonViewer } from "../../ui/json-viewer.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import styles from "./attempts.module.css";
import { outcomeOf } from "./attempts-chart.tsx";
import { type Attempt, stretchesOf, totalOf } from "./timing.ts";

type AttemptPanelProps = { readonly attempt: Attempt; readonly first: Attempt };

/** One attempt: how it ended, where its time went, what was sent and what came back. */
export function AttemptPanel({ attempt, first }: AttemptPanelProps) {
  const { reason, message, curl, request, response } = attempt;
  return (
    <Panel
      title={`Attempt ${attempt.number}`}
      actions={curl === null ? undefined : <CopyButton text={curl} label="Copy as curl" />}
    >
      <div className={styles.side}>
        <DefinitionList
          entries={[
            ["Ended", outcomeOf(attempt)],
            ...(reason === null ? [] : [["Why", message ?? failureHint(reason)] as const]),
            ["Begun", <Moment key="begun" at={attempt.started_at} isExact />],
            ["Node", <code key="node">{attempt.node_id.slice(-12)}</code>],
            ...(first.number === attempt.number ? [] : [["Since attempt 1", changesSince(first, attempt)] as const]),
          ]}
        />
        <ol className={styles.stretches} aria-label="Where the time went">
          {stretchesOf(attempt).map(({ name, kind, ms }) => (
            <li key={kind}>
              <span className={styles.swatch} data-kind={kind} aria-hidden="true" />
              {name}: {formatDuration(ms)}
            </li>
          ))}
          {totalOf(attempt) === 0 ? <li>Nothing was sent.</li> : null}
        </ol>
        <JsonViewer label="Request, secrets masked" value={unfold(request)} />
        {response === null ? (
          <p className="ow-dim">The receiver did not answer.</p>
        ) : (
          <JsonViewer label="Answer" value={unfold(response)} />
        )}
      </div>
    </Panel>
  );
}

/** Shows a JSON body as JSON; anything else stays text. */
function unfold(message: unknown): unknown {
  if (typeof message !== "object" || message === null || !("body" in message)) return message;
  if (typeof message.body !== "string") return message;
  try {
    return { ...message, body: JSON.parse(message.body) as unknown };
  } catch {
    return message;
  }
}

function changesSince(first: Attempt, attempt: Attempt): string {
  const told: string[] = [];
  if (bodyOf(first) !== bodyOf(attempt)) told.push("the body sent is another");
  if (outcomeOf(first) !== outcomeOf(attempt)) told.push(`it ended as ${outcomeOf(first)} then`);
  return told.length === 0 ? "the same was sent and it ended alike" : told.join("; ");
}

function bodyOf({ request }: Attempt): string {
  return typeof request === "object" && request !== null && "body" in request ? String(request.body) : "";
}
