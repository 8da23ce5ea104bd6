import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { FullReceiptWire, ReplayWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { countOf } from "../../lib/numbers.ts";
import { RECEIPT_STATUS_WORDS, receiptReasonWords } from "../../lib/receipt-words.ts";
import { showToast } from "../../lib/toasts.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";

type ReplayDialogProps = {
  readonly receipt: FullReceiptWire;
  readonly isOpen: boolean;
  readonly onClose: () => void;
};

/** Processes a receipt again, after a look at what that would change. */
export function ReplayDialog({ receipt, isOpen, onClose }: ReplayDialogProps) {
  const client = useQueryClient();
  const trial = useQuery({
    queryKey: ["receipt-replay", receipt.id],
    queryFn: () => change<ReplayWire>("POST", `/receipts/${receipt.id}/replay`, { dry_run: true }),
    enabled: isOpen,
    gcTime: 0,
    staleTime: 0,
    retry: false,
  });
  const replay = async (): Promise<void> => {
    await change<ReplayWire>("POST", `/receipts/${receipt.id}/replay`, {});
    showToast("It is being processed again.", { tone: "good" });
    await client.invalidateQueries({ queryKey: ["receipt", receipt.id] });
  };
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      title="Replay this receipt"
      action="Replay"
      isHarmless
      onConfirm={replay}
    >
      <p>
        It is read again by the present settings. What was told already is not told twice, and the stored bytes stay as
        they are.
      </p>
      <div style={{ marginTop: 12 }}>
        {trial.error !== null ? (
          <ErrorPanel error={trial.error} onRetry={() => void trial.refetch()} />
        ) : trial.data === undefined ? (
          <PanelSkeleton label="what it would change" />
        ) : (
          <WouldChange result={trial.data} />
        )}
      </div>
    </ConfirmDialog>
  );
}

type Status = FullReceiptWire["status"];

function wordsOf(status: string): string {
  return Object.hasOwn(RECEIPT_STATUS_WORDS, status) ? RECEIPT_STATUS_WORDS[status as Status] : status;
}

function WouldChange({ result }: { readonly result: ReplayWire }) {
  const { changes } = result;
  if (changes === null) return null;
  const [first] = changes.receipts;
  const { incidents_opened: opened, incidents_changed: changed, incidents_resolved: resolved } = changes;
  const incidents = [
    opened > 0 ? `${opened} would open` : "",
    changed > 0 ? `${changed} would change` : "",
    resolved > 0 ? `${resolved} would be resolved` : "",
  ].filter((words) => words !== "");
  return (
    <DefinitionList
      entries={[
        [
          "This receipt",
          first === undefined
            ? "would stay as it is"
            : first.was === first.status
              ? `stays ${wordsOf(first.status).toLowerCase()}`
              : `${wordsOf(first.was)} → ${wordsOf(first.status)}`,
        ],
        ...(first === undefined || first.reason === null
          ? []
          : [["Because", receiptReasonWords(first.reason)] as const]),
        ["Incidents", incidents.length === 0 ? "none would change" : incidents.join(", ")],
        ["Events", changes.events === 0 ? "none" : countOf(changes.events, "event")],
        ["Deliveries", changes.deliveries === 0 ? "none" : countOf(changes.deliveries, "delivery", "deliveries")],
      ]}
    />
  );
}
