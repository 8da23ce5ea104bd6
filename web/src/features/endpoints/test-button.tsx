import { Button } from "@mantine/core";
import { SendHorizontal } from "lucide-react";
import { useState } from "react";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { useShortcut } from "../../lib/shortcuts.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { lateTab } from "../../ui/late-tab.tsx";

const TestSend = lateTab("the test", () => import("./test-send.tsx").then((module) => module.TestSend));

/** Sends a test and shows what the receiver answered. */
export function TestButton({ endpoint }: { readonly endpoint: Pick<EndpointWire, "id" | "name"> }) {
  const [isOpen, setOpen] = useState(false);
  useShortcut("t", "This page", "Send a test", () => setOpen(true));
  return (
    <>
      <Button
        size="sm"
        variant="default"
        leftSection={<SendHorizontal size={15} aria-hidden="true" />}
        onClick={() => setOpen(true)}
      >
        Send a test
      </Button>
      <Dialog isOpen={isOpen} onClose={() => setOpen(false)} title={`Test ${endpoint.name}`} size="lg">
        <TestSend endpointId={endpoint.id} isInDialog />
      </Dialog>
    </>
  );
}
