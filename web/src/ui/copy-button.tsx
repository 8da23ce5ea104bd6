import { ActionIcon, Tooltip } from "@mantine/core";
import { Check, Copy, X } from "lucide-react";
import { useEffect, useState } from "react";
import { copyText } from "../lib/clipboard.ts";

/** Copies a text; `label` says what it is: "Copy the URL". */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 2_000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async (): Promise<void> => setState((await copyText(text)) ? "copied" : "failed");
  const words = { idle: label, copied: "Copied", failed: "The browser refused; select and copy it yourself" };
  const Icon = { idle: Copy, copied: Check, failed: X }[state];
  return (
    <>
      <Tooltip label={words[state]} openDelay={400}>
        <ActionIcon variant="subtle" color="gray" c="dimmed" size="sm" aria-label={label} onClick={() => void copy()}>
          <Icon size={14} aria-hidden="true" />
        </ActionIcon>
      </Tooltip>
      <span className="ow-hidden" role="status">
        {state === "idle" ? "" : words[state]}
      </span>
    </>
  );
}

/** A text to copy beside its button: ids, URLs, header names. */
export function Copyable({
  text,
  label,
  short,
}: {
  readonly text: string;
  readonly label: string;
  readonly short?: string;
}) {
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 4, maxWidth: "100%" }}>
      <code title={text} style={{ minWidth: 0, overflowWrap: "anywhere" }}>
        {short ?? text}
      </code>
      <CopyButton text={text} label={label} />
    </span>
  );
}
