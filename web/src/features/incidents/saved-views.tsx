import { ActionIcon, Button, Checkbox, Menu, Modal, Stack, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Bookmark, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { Page, SavedViewWire } from "../../../../server/src/api/contract.ts";
import { change, get } from "../../lib/api.ts";
import { explainError } from "../../lib/data-safety.ts";
import { parseSearch, stringifySearch } from "../../lib/search-params.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { useSubmission } from "../../lib/submission.ts";
import { showToast } from "../../lib/toasts.ts";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { type IncidentSearch, isFiltered, readIncidentSearch } from "./incident-search.ts";

/** Searches kept under a name, one's own and those that others share. */
export function SavedViews({ search }: { readonly search: IncidentSearch }) {
  const client = useQueryClient();
  const router = useRouter();
  const [isSaving, setSaving] = useState(false);
  const { data } = useQuery({
    queryKey: ["views", "incidents"],
    queryFn: ({ signal }) => get<Page<SavedViewWire>>("/views", { query: { page: "incidents", limit: 200 }, signal }),
  });
  const views = data?.data ?? [];
  const remove = async ({ id, name, page, query, is_shared }: SavedViewWire): Promise<void> => {
    const reread = (): Promise<void> => client.invalidateQueries({ queryKey: ["views"] });
    try {
      await change("DELETE", `/views/${id}`);
      await reread();
      const undo = (): void =>
        void change("POST", "/views", { name, page, query, is_shared }).then(reread, tellFailure);
      showToast(`Deleted the view ${name}`, { undo });
    } catch (error) {
      tellFailure(error);
    }
  };
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={280}>
        <Menu.Target>
          <Button variant="default" size="xs" leftSection={<Bookmark size={14} aria-hidden="true" />}>
            Views
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {views.length === 0 ? <Menu.Label>No view is saved yet</Menu.Label> : null}
          {views.map((view) => (
            <div key={view.id} style={{ display: "flex", alignItems: "center" }}>
              <Menu.Item
                onClick={() =>
                  void router.navigate({ to: "/incidents", search: readIncidentSearch(parseSearch(view.query)) })
                }
              >
                {view.name}
                {view.is_mine ? null : <span className="ow-dim"> · {view.owner_name}</span>}
              </Menu.Item>
              {view.is_mine ? (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  c="dimmed"
                  aria-label={`Delete the view ${view.name}`}
                  onClick={() => void remove(view)}
                >
                  <Trash2 size={14} aria-hidden="true" />
                </ActionIcon>
              ) : null}
            </div>
          ))}
          <Menu.Divider />
          <Menu.Item
            disabled={!isFiltered(search) && search.sort === undefined}
            leftSection={<Bookmark size={14} aria-hidden="true" />}
            onClick={() => setSaving(true)}
          >
            Save this search …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={isSaving}
        onClose={() => setSaving(false)}
        title="Save this search as a view"
        centered
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {isSaving ? <SaveForm search={search} onDone={() => setSaving(false)} /> : null}
      </Modal>
    </>
  );
}

function SaveForm({ search, onDone }: { readonly search: IncidentSearch; readonly onDone: () => void }) {
  const client = useQueryClient();
  const canShare = useIsAllowed("responder");
  const [name, setName] = useState("");
  const [isShared, setShared] = useState(false);
  const query = stringifySearch(search).slice(1);
  const send = (): Promise<unknown> =>
    change("POST", "/views", { name: name.trim(), page: "incidents", query, is_shared: isShared });
  const submission = useSubmission(send, ["name"]);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!(await submission.submit())) return;
    await client.invalidateQueries({ queryKey: ["views"] });
    showToast(`Saved the view ${name.trim()}`, { tone: "good" });
    onDone();
  };
  return (
    <form onSubmit={(event) => void onSubmit(event)}>
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={submission.problemOf("name")}
        />
        {canShare ? (
          <Checkbox
            label="Everybody in the organization sees it"
            checked={isShared}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
        ) : null}
        {submission.error === null ? null : <ErrorPanel error={submission.error} />}
        <Button type="submit" loading={submission.isSending}>
          Save the view
        </Button>
      </Stack>
    </form>
  );
}

function tellFailure(error: unknown): void {
  showToast(explainError(error).message, { tone: "bad" });
}
