import type { EndpointCreateWire, EndpointWire } from "../../../../server/src/api/contract.ts";

/** How an endpoint proves who calls besides its signature; secrets are empty where those that are stored are kept. */
export type AuthDraft = {
  readonly type: "none" | "bearer" | "basic" | "oauth2_client_credentials";
  readonly username: string;
  /** The token, the password or the client's secret. */
  readonly secret: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly scope: string;
  readonly audience: string;
  readonly style: "header" | "body";
};

/** A client certificate that is kept as it is, taken away, or put in its place. */
export type CertificateDraft = {
  readonly mode: "keep" | "remove" | "new";
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
};

/** The signature alone. */
export const NO_AUTH: AuthDraft = {
  type: "none",
  username: "",
  secret: "",
  tokenUrl: "",
  clientId: "",
  scope: "",
  audience: "",
  style: "header",
};

/** What of an endpoint's `auth` is shown. */
export function draftAuth(auth: EndpointWire["auth"]): AuthDraft {
  if (auth === null) return NO_AUTH;
  if (auth.type === "bearer") return { ...NO_AUTH, type: "bearer" };
  if (auth.type === "basic") return { ...NO_AUTH, type: "basic", username: auth.username };
  return {
    ...NO_AUTH,
    type: auth.type,
    tokenUrl: auth.token_url,
    clientId: auth.client_id,
    scope: auth.scope ?? "",
    audience: auth.audience ?? "",
    style: auth.auth_style,
  };
}

/** `auth` as a request carries it. */
export function authBody(draft: AuthDraft): NonNullable<EndpointCreateWire["auth"]> | null {
  const { secret } = draft;
  switch (draft.type) {
    case "none":
      return null;
    case "bearer":
      return { type: "bearer", ...(secret === "" ? {} : { token: secret }) };
    case "basic":
      return { type: "basic", username: draft.username, ...(secret === "" ? {} : { password: secret }) };
    case "oauth2_client_credentials":
      return {
        type: "oauth2_client_credentials",
        token_url: draft.tokenUrl.trim(),
        client_id: draft.clientId,
        ...(secret === "" ? {} : { client_secret: secret }),
        ...(draft.scope === "" ? {} : { scope: draft.scope }),
        ...(draft.audience === "" ? {} : { audience: draft.audience }),
        auth_style: draft.style,
      };
  }
}

/** `client_certificate` as a request carries it; undefined leaves it as it is. */
export function certificateBody(draft: CertificateDraft): EndpointCreateWire["client_certificate"] {
  if (draft.mode === "keep") return undefined;
  if (draft.mode === "remove") return null;
  const { certificate, key, ca } = draft;
  return { certificate, key, ...(ca.trim() === "" ? {} : { ca }) };
}
