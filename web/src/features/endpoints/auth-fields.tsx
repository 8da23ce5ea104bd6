import { PasswordInput, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { Moment } from "../../ui/moment.tsx";
import { Select } from "../../ui/select.tsx";
import type { AuthDraft } from "./auth-draft.ts";
import { useProxies } from "./endpoint-queries.ts";
import styles from "./endpoints.module.css";
import type { FormParts } from "./form-parts.ts";

const TYPES = [
  { value: "none", label: "the signature alone" },
  { value: "bearer", label: "a bearer token" },
  { value: "basic", label: "user name and password" },
  { value: "oauth2_client_credentials", label: "OAuth 2 client credentials" },
] as const satisfies readonly { readonly value: AuthDraft["type"]; readonly label: string }[];

type AuthFieldsProps = FormParts & {
  /** What is stored; a secret that is not typed stays as long as its kind stays. */
  readonly stored?: Pick<EndpointWire, "auth" | "client_certificate">;
};

/** Which way out requests take; absent where the operator offers no choice. */
function ProxyField({ draft, set, problemOf }: FormParts) {
  const names = useProxies().data?.map(({ name }) => name) ?? [];
  const chosen = draft.proxy === null || names.includes(draft.proxy) ? names : [...names, draft.proxy];
  if (chosen.length === 0) return null;
  return (
    <Select
      label="Forward proxy"
      description="Requests, and those for its access token, go through it."
      placeholder="what holds for all"
      data={[...chosen]}
      value={draft.proxy}
      clearable
      onChange={(proxy) => set({ proxy })}
      error={problemOf("proxy")}
      maw={340}
    />
  );
}

/** How requests prove who calls, besides their signature. */
export function AuthFields({ draft, set, problemOf, stored }: AuthFieldsProps) {
  const { auth } = draft;
  const patch = (part: Partial<AuthDraft>): void => set({ auth: { ...auth, ...part } });
  const isKept = stored?.auth?.type === auth.type;
  return (
    <div className={styles.stack}>
      <Select
        label="Requests prove who calls by"
        data={[...TYPES]}
        value={auth.type}
        allowDeselect={false}
        onChange={(type) => patch({ type: TYPES.find(({ value }) => value === type)?.value ?? "none", secret: "" })}
        error={auth.type === "none" ? problemOf("auth") : undefined}
        maw={340}
      />
      <ProxyField draft={draft} set={set} problemOf={problemOf} />
      {auth.type === "none" ? null : (
        <div className={styles.three}>
          {auth.type === "basic" ? (
            <TextInput
              label="User name"
              value={auth.username}
              autoComplete="off"
              onChange={(event) => patch({ username: event.currentTarget.value })}
              error={problemOf("auth.username")}
            />
          ) : null}
          {auth.type === "oauth2_client_credentials" ? (
            <OauthFields auth={auth} patch={patch} problemOf={problemOf} />
          ) : null}
          <PasswordInput
            label={{ bearer: "Token", basic: "Password", oauth2_client_credentials: "Client secret" }[auth.type]}
            description={isKept ? "Stored; type a new one to replace it." : "Sealed when saved, never shown again."}
            value={auth.secret}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ tabIndex: 0, "aria-label": "Show what was typed" }}
            onChange={(event) => patch({ secret: event.currentTarget.value })}
            error={secretProblem(auth, problemOf)}
          />
        </div>
      )}
      <CertificateFields draft={draft} set={set} problemOf={problemOf} {...(stored === undefined ? {} : { stored })} />
    </div>
  );
}

function secretProblem({ type }: AuthDraft, problemOf: FormParts["problemOf"]): string | undefined {
  const field = { none: "token", bearer: "token", basic: "password", oauth2_client_credentials: "client_secret" }[type];
  return problemOf(`auth.${field}`) ?? (problemOf("auth.username") === undefined ? wholeOf(problemOf) : undefined);
}

/** What is said of `auth` itself and not of one of its fields. */
function wholeOf(problemOf: FormParts["problemOf"]): string | undefined {
  const fields = ["token_url", "client_id", "scope", "audience"];
  return fields.some((field) => problemOf(`auth.${field}`) !== undefined) ? undefined : problemOf("auth");
}

function OauthFields({
  auth,
  patch,
  problemOf,
}: {
  readonly auth: AuthDraft;
  readonly patch: (part: Partial<AuthDraft>) => void;
  readonly problemOf: FormParts["problemOf"];
}) {
  return (
    <>
      <TextInput
        label="Token URL"
        inputMode="url"
        value={auth.tokenUrl}
        onChange={(event) => patch({ tokenUrl: event.currentTarget.value })}
        error={problemOf("auth.token_url")}
      />
      <TextInput
        label="Client id"
        value={auth.clientId}
        autoComplete="off"
        onChange={(event) => patch({ clientId: event.currentTarget.value })}
        error={problemOf("auth.client_id")}
      />
      <TextInput
        label="Scope"
        value={auth.scope}
        onChange={(event) => patch({ scope: event.currentTarget.value })}
        error={problemOf("auth.scope")}
      />
      <TextInput
        label="Audience"
        value={auth.audience}
        onChange={(event) => patch({ audience: event.currentTarget.value })}
        error={problemOf("auth.audience")}
      />
      <Select
        label="Credentials go"
        data={[
          { value: "header", label: "as HTTP Basic" },
          { value: "body", label: "as fields of the form" },
        ]}
        value={auth.style}
        allowDeselect={false}
        onChange={(style) => patch({ style: style === "body" ? "body" : "header" })}
      />
    </>
  );
}

function CertificateFields({ draft, set, problemOf, stored }: AuthFieldsProps) {
  const { certificate } = draft;
  const shown = stored?.client_certificate ?? null;
  const patch = (part: Partial<typeof certificate>): void => set({ certificate: { ...certificate, ...part } });
  const modes = [
    { value: "keep", label: shown === null ? "None" : "As it is" },
    ...(shown === null ? [] : [{ value: "remove", label: "Take it away" }]),
    { value: "new", label: shown === null ? "Give one" : "Replace it" },
  ];
  return (
    <div className={styles.tight}>
      <span>Client certificate, for receivers that ask for one (mutual TLS)</span>
      {shown === null ? null : (
        <p className="ow-dim">
          <bdi>{shown.subject}</bdi>, by <bdi>{shown.issuer}</bdi>, ends <Moment at={shown.expires_at} />
          {shown.warning === null ? "" : `. ${shown.warning}`}
        </p>
      )}
      <div>
        <SegmentedControl
          size="xs"
          aria-label="Client certificate"
          data={modes}
          value={certificate.mode}
          onChange={(mode) => patch({ mode: mode === "new" ? "new" : mode === "remove" ? "remove" : "keep" })}
        />
      </div>
      {certificate.mode !== "new" ? (
        <Refusal text={problemOf("client_certificate")} />
      ) : (
        <div className={styles.three}>
          <PemField
            label="Certificate"
            value={certificate.certificate}
            onChange={(text) => patch({ certificate: text })}
            problem={problemOf("client_certificate.certificate")}
          />
          <PemField
            label="Private key"
            value={certificate.key}
            onChange={(text) => patch({ key: text })}
            problem={problemOf("client_certificate.key")}
          />
          <PemField
            label="Authorities of the receiver (optional)"
            value={certificate.ca}
            onChange={(text) => patch({ ca: text })}
            problem={problemOf("client_certificate.ca")}
          />
        </div>
      )}
    </div>
  );
}

function Refusal({ text }: { readonly text: string | undefined }) {
  return text === undefined ? null : <p style={{ color: "var(--ow-critical)" }}>{text}</p>;
}

type PemFieldProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly problem: string | undefined;
};

function PemField({ label, value, onChange, problem }: PemFieldProps) {
  return (
    <Textarea
      label={label}
      placeholder="-----BEGIN …"
      autosize
      minRows={3}
      maxRows={6}
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={problem}
    />
  );
}
