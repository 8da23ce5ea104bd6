import { ActionIcon } from "@mantine/core";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import type { UserWire } from "../../../../server/src/api/contract.ts";
import { ApiFailure, change } from "../../lib/api.ts";
import { showToast } from "../../lib/toasts.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { latePopup } from "../../ui/late-popup.tsx";
import { SecretDialog } from "../../ui/secret-dialog.tsx";

const PersonPopup = latePopup("menu", () => import("./person-popup.tsx").then((module) => module.PersonPopup));

type PersonMenuProps = { readonly person: UserWire; readonly onChanged: () => Promise<void> };

/** What an administrator can do about a person. */
export function PersonMenu({ person, onChanged }: PersonMenuProps) {
  const [asking, setAsking] = useState<"remove" | "reset" | null>(null);
  const [link, setLink] = useState<string | null>(null);
  const setDisabled = async (disabled: boolean): Promise<void> => {
    try {
      await change("PATCH", `/users/${person.id}`, { disabled });
      showToast(`${person.name} is ${disabled ? "disabled and signed out" : "enabled"}.`, {
        undo: () => void setDisabled(!disabled),
      });
    } catch (error) {
      showToast(error instanceof ApiFailure ? error.message : "That could not be changed.", { tone: "bad" });
    }
    await onChanged();
  };
  return (
    <>
      <PersonPopup
        isDisabled={person.disabled}
        onAsk={setAsking}
        onDisable={(disabled) => void setDisabled(disabled)}
        target={
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${person.name}`}>
            <Ellipsis size={16} aria-hidden="true" />
          </ActionIcon>
        }
      />
      <ConfirmDialog
        isOpen={asking === "remove"}
        onClose={() => setAsking(null)}
        title={`Remove ${person.name}`}
        action="Remove the person"
        typedName={person.email}
        onConfirm={async () => {
          await change("DELETE", `/users/${person.id}`);
          await onChanged();
        }}
      >
        All sessions of {person.name} end. What {person.name} did stays in timelines and in the audit, under the name.
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={asking === "reset"}
        onClose={() => setAsking(null)}
        title={`A new password for ${person.name}`}
        action="Make the link"
        isHarmless
        onConfirm={async () => {
          const { reset_url: url } = await change<{ readonly reset_url: string }>("POST", `/users/${person.id}/reset`);
          setLink(url);
        }}
      >
        The link works once, for a day. Whoever opens it chooses the password, and all sessions of {person.name} end
        then. Earlier links stop working now.
      </ConfirmDialog>
      <SecretDialog
        title={`The link for ${person.name}`}
        secrets={link === null ? null : [{ label: "Link", value: link, variable: "OVERWATCH_RESET" }]}
        isLink
        onClose={() => setLink(null)}
      >
        <p>It works once, for a day; whoever opens it chooses the password.</p>
      </SecretDialog>
    </>
  );
}
