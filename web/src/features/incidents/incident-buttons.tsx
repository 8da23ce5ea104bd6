import { ActionIcon, Button } from "@mantine/core";
import { Check, Ellipsis, Eye, RotateCcw, Split, UserPlus } from "lucide-react";
import type { IncidentWire } from "../../../../server/src/api/contract.ts";
import { useFocusAfter } from "../../lib/keep-focus.ts";
import { latePopup } from "../../ui/late-popup.tsx";
import styles from "./incident.module.css";
import type { IncidentPageSearch } from "./incident-search.ts";

const ActionsPopup = latePopup("menu", () => import("./actions-popup.tsx").then((module) => module.ActionsPopup));

type ButtonsProps = {
  readonly incident: IncidentWire;
  readonly onAcknowledge: () => void;
  readonly onResolve: () => void;
  readonly onDialog: (kind: IncidentPageSearch["dialog"]) => void;
};

/** What can be done, at the head of the page. */
export function HeaderActions({ canAct, ...props }: ButtonsProps & { readonly canAct: boolean }) {
  const { incident, onDialog } = props;
  useFocusAfter(incident.status);
  return (
    <>
      {canAct ? (
        <div className={styles.wide}>
          <MainButtons {...props} size="sm" />
          <Button
            size="sm"
            variant="default"
            leftSection={<UserPlus size={15} aria-hidden="true" />}
            onClick={() => onDialog("assign")}
          >
            {incident.assignee ?? "Assign"}
          </Button>
        </div>
      ) : null}
      <ActionsPopup
        incident={incident}
        canAct={canAct}
        onDialog={onDialog}
        target={
          <ActionIcon variant="default" size={36} aria-label="More actions">
            <Ellipsis size={17} aria-hidden="true" />
          </ActionIcon>
        }
      />
    </>
  );
}

/** Acknowledge and resolve within reach of a thumb, on phones. */
export function ThumbBar(props: ButtonsProps) {
  return (
    <div className={styles.thumbs}>
      <MainButtons {...props} size="md" />
    </div>
  );
}

function MainButtons({ incident, onAcknowledge, onResolve, size }: ButtonsProps & { readonly size: "sm" | "md" }) {
  if (incident.status === "resolved") {
    const isMerged = incident.merged_into_id !== null;
    return (
      <Button
        size={size}
        variant="default"
        leftSection={isMerged ? <Split size={15} aria-hidden="true" /> : <RotateCcw size={15} aria-hidden="true" />}
        onClick={onResolve}
      >
        {isMerged ? "Take the merge back" : "Reopen"}
      </Button>
    );
  }
  const isOpen = incident.status === "open";
  return (
    <>
      <Button
        size={size}
        variant={isOpen ? "filled" : "default"}
        leftSection={<Eye size={15} aria-hidden="true" />}
        onClick={onAcknowledge}
      >
        {isOpen ? "Acknowledge" : "Unacknowledge"}
      </Button>
      <Button
        size={size}
        variant={isOpen ? "default" : "filled"}
        leftSection={<Check size={15} aria-hidden="true" />}
        onClick={onResolve}
      >
        Resolve
      </Button>
    </>
  );
}
