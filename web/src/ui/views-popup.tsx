import { ActionIcon, Menu } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Bookmark, Trash2 } from "lucide-react";
import type { Page, SavedViewWire } from "../../../server/src/api/contract.ts";
import { change, get } from "../lib/api.ts";
import { explainError } from "../lib/data-safety.ts";
import { showToast } from "../lib/toasts.ts";
import type { PopupProps } from "./late-popup.tsx";
import type { ViewPage } from "./view-page.ts";

type ViewsProps = PopupProps & { readonly page: ViewPage; readonly canSave: boolean; readonly onSave: () => void };

/** Searches kept under a name, one's own and those that others share. */
export function ViewsPopup({ target, isOpen, onChange, page: of, canSave, onSave }: ViewsProps) {
  const client = useQueryClient();
  const router = useRouter();
  const { data } = useQuery({
    queryKey: ["views", of],
    queryFn: ({ signal }) => get<Page<SavedViewWire>>("/views", { query: { page: of, limit: 200 }, signal }),
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
    <Menu position="bottom-end" shadow="md" width={280} opened={isOpen} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {views.length === 0 ? <Menu.Label>No view is saved yet</Menu.Label> : null}
        {views.map((view) => (
          <div key={view.id} style={{ display: "flex", alignItems: "center" }}>
            <Menu.Item onClick={() => router.history.push(`/${of}?${view.query}`)}>
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
        <Menu.Item disabled={!canSave} leftSection={<Bookmark size={14} aria-hidden="true" />} onClick={onSave}>
          Save this search …
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function tellFailure(error: unknown): void {
  showToast(explainError(error).message, { tone: "bad" });
}
