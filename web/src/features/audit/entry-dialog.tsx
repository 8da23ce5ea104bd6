import { Button, Group, Stack } from "@mantine/core";
import type { AuditEntryWire } from "../../../../server/src/api/contract.ts";
import { Copyable } from "../../ui/copy-button.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { JsonViewer } from "../../ui/json-viewer.tsx";
import { Moment } from "../../ui/moment.tsx";
import { actionWords } from "./action-words.ts";
import styles from "./audit.module.css";
import type { AuditSearch } from "./audit-search.ts";

type EntryDialogProps = {
  readonly isOpen: boolean;
  readonly entry: AuditEntryWire | null;
  readonly onClose: () => void;
  readonly onFilter: (changes: Partial<AuditSearch>) => void;
};

/** One entry whole: who, from where, and every field before and after. */
export function EntryDialog({ isOpen, entry, onClose, onFilter }: EntryDialogProps) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={entry === null ? "" : actionWords(entry.action)} size="xl">
      {entry === null ? null : <EntryBody entry={entry} onFilter={onFilter} />}
    </Dialog>
  );
}

function EntryBody({ entry, onFilter }: { readonly entry: AuditEntryWire } & Pick<EntryDialogProps, "onFilter">) {
  const { actor, object, changes, request } = entry;
  const fields = Object.entries(changes);
  return (
    <Stack gap="md">
      <DefinitionList
        entries={[
          // A record is compared with other records.
          ["When", <Moment key="at" at={entry.at} isExact />],
          ["By", <bdi key="actor">{`${actor.name} (${actor.kind.replace("_", " ")})`}</bdi>],
          ["From", <code key="address">{entry.address}</code>],
          ["Which", <bdi key="object">{object.name ?? object.id ?? "–"}</bdi>],
          ["Request", <Copyable key="request" text={entry.request_id} label="Copy the request's id" />],
        ]}
      />
      {fields.length === 0 ? null : (
        <section className={styles.scroll} tabIndex={0} aria-label="Fields that changed">
          <table className={styles.changes}>
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Before</th>
                <th scope="col">After</th>
              </tr>
            </thead>
            <tbody>
              {fields.map(([path, { before, after }]) => (
                <tr key={path}>
                  <th scope="row">
                    <code>{path}</code>
                  </th>
                  <td data-side="before">{inWords(before)}</td>
                  <td data-side="after">{inWords(after)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {request === null || request === undefined ? null : <JsonViewer label="What was asked for" value={request} />}
      <Group gap="sm">
        {actor.id === null ? null : (
          <Button
            size="xs"
            variant="default"
            onClick={() => onFilter({ actor: actor.id ?? undefined, entry: undefined })}
          >
            Everything by <bdi>&nbsp;{actor.name}</bdi>
          </Button>
        )}
        {object.id === null ? null : (
          <Button
            size="xs"
            variant="default"
            onClick={() => onFilter({ object: object.id ?? undefined, entry: undefined })}
          >
            Everything about this one
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function inWords(value: unknown): string {
  if (value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}
