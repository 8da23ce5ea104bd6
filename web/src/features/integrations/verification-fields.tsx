import { TextInput } from "@mantine/core";
import type { PlatformWire } from "../../../../server/src/api/contract.ts";
import { Select } from "../../ui/select.tsx";
import styles from "./integrations.module.css";
import { newDraft, VERIFICATION_WORDS, type VerificationDraft, verificationSentence } from "./verification.ts";

type VerificationFieldsProps = {
  readonly draft: VerificationDraft;
  readonly onChange: (draft: VerificationDraft) => void;
  readonly platform: PlatformWire | undefined;
  readonly problemOf: (path: string) => string | undefined;
};

/** Chooses how webhooks prove who sent them. */
export function VerificationFields({ draft, onChange, platform, problemOf }: VerificationFieldsProps) {
  const { type } = draft;
  const types = platform?.verification_types ?? (Object.keys(VERIFICATION_WORDS) as (typeof type)[]);
  const set = (changes: Partial<VerificationDraft>): void => onChange({ ...draft, ...changes });
  const hasPrefix = type === "token" || type === "hmac";
  const hasHeader = hasPrefix || type === "signature";
  return (
    <>
      <Select
        label="Proof"
        description={verificationSentence(draft, platform)}
        data={types.map((value, index) => ({
          value,
          label: `${VERIFICATION_WORDS[value]}${index === 0 && platform !== undefined ? " (recommended)" : ""}`,
        }))}
        value={type}
        allowDeselect={false}
        onChange={(chosen) => onChange(newDraft(types.find((known) => known === chosen) ?? type))}
        error={problemOf("verification.type")}
      />
      {hasHeader || type === "basic" ? (
        <div className={styles.pair}>
          {hasHeader ? (
            <TextInput
              label="Header"
              placeholder={type === "signature" ? (platform?.signature_header ?? "") : ""}
              description={type === "signature" ? "Only if the sender renamed it." : "Where the sender puts its proof."}
              value={draft.header}
              onChange={(event) => set({ header: event.currentTarget.value })}
              error={problemOf("verification.header")}
            />
          ) : null}
          {hasPrefix ? (
            <TextInput
              label="Prefix"
              description="What stands before the proof."
              value={draft.prefix}
              onChange={(event) => set({ prefix: event.currentTarget.value })}
              error={problemOf("verification.prefix")}
            />
          ) : null}
          {type === "signature" || type === "hmac" ? (
            <TextInput
              label="Header of the signed time"
              description="Only if the sender signs a time."
              value={draft.timestampHeader}
              onChange={(event) => set({ timestampHeader: event.currentTarget.value })}
              error={problemOf("verification.timestamp_header")}
            />
          ) : null}
          {type === "basic" ? (
            <TextInput
              label="User name"
              value={draft.username}
              onChange={(event) => set({ username: event.currentTarget.value })}
              error={problemOf("verification.username")}
            />
          ) : null}
          {type === "hmac" ? (
            <>
              <Select
                label="Algorithm"
                data={["sha256", "sha512"]}
                value={draft.algorithm}
                allowDeselect={false}
                onChange={(value) => set({ algorithm: value === "sha512" ? "sha512" : "sha256" })}
              />
              <Select
                label="Encoding"
                data={["hex", "base64"]}
                value={draft.encoding}
                allowDeselect={false}
                onChange={(value) => set({ encoding: value === "base64" ? "base64" : "hex" })}
              />
            </>
          ) : null}
        </div>
      ) : null}
    </>
  );
}
