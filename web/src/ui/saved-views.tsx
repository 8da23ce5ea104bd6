import { Button } from "@mantine/core";
import { Bookmark } from "lucide-react";
import { useState } from "react";
import { late } from "../lib/late.tsx";
import { stringifySearch } from "../lib/search-params.ts";
import { latePopup } from "./late-popup.tsx";
import type { ViewPage } from "./view-page.ts";

const SaveViewDialog = late(() => import("./save-view-dialog.tsx").then((module) => module.SaveViewDialog));
const ViewsPopup = latePopup("menu", () => import("./views-popup.tsx").then((module) => module.ViewsPopup));

type SavedViewsProps = { readonly page: ViewPage; readonly search: Readonly<Record<string, unknown>> };

/** The menu of a list's saved searches, and the dialog that saves one. */
export function SavedViews({ page, search }: SavedViewsProps) {
  const [isSaving, setSaving] = useState(false);
  const query = stringifySearch(search).slice(1);
  return (
    <>
      <ViewsPopup
        page={page}
        canSave={query !== ""}
        onSave={() => setSaving(true)}
        target={
          <Button variant="default" size="xs" leftSection={<Bookmark size={14} aria-hidden="true" />}>
            Views
          </Button>
        }
      />
      <SaveViewDialog isOpen={isSaving} page={page} query={query} onClose={() => setSaving(false)} />
    </>
  );
}
