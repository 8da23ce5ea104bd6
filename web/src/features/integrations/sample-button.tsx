import { Button } from "@mantine/core";
import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { sendSample } from "./sample.ts";

type SampleButtonProps = {
  readonly integrationId: string;
  readonly onSent: (receiptId: string) => Promise<void>;
  /** Called with null when a sample begins. */
  readonly onError: (error: unknown) => void;
};

/** Sends a signed sample through the real path. */
export function SampleButton({ integrationId, onSent, onError }: SampleButtonProps) {
  const [isSending, setSending] = useState(false);
  const send = async (): Promise<void> => {
    setSending(true);
    onError(null);
    try {
      await onSent(await sendSample(integrationId));
    } catch (error) {
      onError(error);
    }
    setSending(false);
  };
  return (
    <Button
      size="xs"
      variant="default"
      loading={isSending}
      leftSection={<FlaskConical size={14} aria-hidden="true" />}
      onClick={() => void send()}
    >
      Send a sample
    </Button>
  );
}
