import { ActionIcon } from "@mantine/core";
import { Check, Copy, X } from "lucide-react";
import { useEffect, useState } from "react";
import { copyText } from "../lib/clipboard.ts";
import { showToast } from "../lib/toasts.ts";

/** Copies a text; `label` says what it is: "Copy the URL". */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 2_000);
    return () => clearTimeout(timer);
  }, [state]);
  const words = { idle: label, copied: "Copied", failed: "The browser refused; select and copy it yourself" };
  const copy = async (): Promise<void> => {
    const isCopied = await copyText(text);
    setState(isCopied ? "copied" : "failed");
    if (!isCopied) showToast(words.failed, { tone: "bad" });
  };
  const Icon = { idle: Copy, copied: Check, failed: X }[state];
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        c="dimmed"
        size="sm"
        aria-label={label}
        title={words[state]}
        onClick={() => void copy()}
      >
        <Icon size={14} aria-hidden="true" />
      </ActionIcon>
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
