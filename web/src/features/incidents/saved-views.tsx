import { Button } from "@mantine/core";
import { Bookmark } from "lucide-react";
import { useState } from "react";
import { late } from "../../lib/late.tsx";
import { latePopup } from "../../ui/late-popup.tsx";
import type { IncidentSearch } from "./incident-search.ts";

const SaveViewDialog = late(() => import("./save-view-dialog.tsx").then((module) => module.SaveViewDialog));
const ViewsPopup = latePopup("menu", () => import("./views-popup.tsx").then((module) => module.ViewsPopup));

/** The menu of saved searches, and the dialog that saves one. */
export function SavedViews({ search }: { readonly search: IncidentSearch }) {
  const [isSaving, setSaving] = useState(false);
  return (
    <>
      <ViewsPopup
        search={search}
        onSave={() => setSaving(true)}
        target={
          <Button variant="default" size="xs" leftSection={<Bookmark size={14} aria-hidden="true" />}>
            Views
          </Button>
        }
      />
      <SaveViewDialog isOpen={isSaving} search={search} onClose={() => setSaving(false)} />
    </>
  );
}
