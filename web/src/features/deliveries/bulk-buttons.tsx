import { Button } from "@mantine/core";
import { useState } from "react";
import { late } from "../../lib/late.tsx";
import type { DeliverySearch } from "./delivery-search.ts";

const BulkDialog = late(() => import("./bulk-dialog.tsx").then((module) => module.BulkDialog));

type BulkButtonsProps = { readonly search: DeliverySearch; readonly nameOf: (endpointId: string) => string };

/** Opens the dialogs that retry or call off everything that fits the filters. */
export function BulkButtons(props: BulkButtonsProps) {
  const [asked, setAsked] = useState<{ readonly kind: "retry" | "cancel"; readonly isOpen: boolean }>({
    kind: "retry",
    isOpen: false,
  });
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setAsked({ kind: "cancel", isOpen: true })}>
        Cancel many
      </Button>
      <Button size="xs" variant="default" onClick={() => setAsked({ kind: "retry", isOpen: true })}>
        Retry many
      </Button>
      <BulkDialog {...props} {...asked} onClose={() => setAsked({ ...asked, isOpen: false })} />
    </>
  );
}
