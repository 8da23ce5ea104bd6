import type { Static } from "typebox";
import { type ClientCertificate, type EndpointAuth, secretOfAuth } from "../core/endpoint-auth.ts";
import { clientCertificateProblems, viewClientCertificate } from "./client-certificate.ts";
import type { FieldProblem } from "./endpoint-check.ts";
import type {
  AuthRequest,
  AuthView,
  ClientCertificateRequest,
  ClientCertificateView,
} from "./schemas/endpoint-auth.ts";

/** What a request says of authentication; undefined leaves it as it is, null removes it. */
export type AuthFields = {
  readonly auth?: AuthRequest | null;
  readonly client_certificate?: Static<typeof ClientCertificateRequest> | null;
};

/** What is stored of an endpoint's authentication. */
export type StoredAuth = { readonly auth: EndpointAuth | null; readonly clientCertificate: ClientCertificate | null };

/** What a change makes of authentication; undefined for what stays. */
export type AuthChange = {
  readonly auth?: EndpointAuth | null;
  readonly clientCertificate?: ClientCertificate | null;
};

/** Nothing stored. */
export const NO_AUTH: StoredAuth = { auth: null, clientCertificate: null };

const SECRET_FIELDS = { bearer: "token", basic: "password", oauth2_client_credentials: "client_secret" } as const;

/**
 * Reads what a request says of authentication against what is stored. An `auth` that comes without its secret keeps the
 * stored one, unless the secret would then go to another host.
 */
export function readAuthFields(
  fields: AuthFields,
  stored: StoredAuth,
  isOriginNew: boolean,
  headers: Readonly<Record<string, string>>,
): { readonly change: AuthChange; readonly problems: readonly FieldProblem[] } {
  const problems: FieldProblem[] = [];
  const auth = fields.auth ? mergeAuth(fields.auth, stored.auth, isOriginNew, problems) : fields.auth;
  if (isOriginNew && stored.auth !== null && fields.auth === undefined) {
    problems.push({ path: "auth", message: "must be given again when the URL leads to another host" });
  }
  if (isOriginNew && stored.clientCertificate !== null && fields.client_certificate === undefined) {
    problems.push({ path: "client_certificate", message: "must be given again when the URL leads to another host" });
  }
  if (auth !== null && auth !== undefined && auth.type === "oauth2_client_credentials") {
    problems.push(...tokenUrlProblems(auth.token_url));
  }
  if (fields.client_certificate) {
    problems.push(...clientCertificateProblems(fields.client_certificate, "client_certificate"));
  }
  const own = Object.keys(headers).find((name) => name.toLowerCase() === "authorization");
  if (own !== undefined && (auth === undefined ? stored.auth : auth) !== null) {
    problems.push({ path: `headers.${own}`, message: "is made from auth; keep one of them" });
  }
  return {
    change: {
      ...(auth === undefined ? {} : { auth }),
      ...(fields.client_certificate === undefined ? {} : { clientCertificate: fields.client_certificate }),
    },
    problems,
  };
}

/** The URL that an `auth` calls beside the endpoint's own, or null. */
export function tokenUrlOf(auth: EndpointAuth | null | undefined): string | null {
  return auth?.type === "oauth2_client_credentials" ? auth.token_url : null;
}

/** Authentication as people may see it. */
export function viewAuth(
  stored: StoredAuth,
  now: number,
  showUrl: (url: string) => string,
): {
  readonly auth: Static<typeof AuthView> | null;
  readonly client_certificate: Static<typeof ClientCertificateView> | null;
} {
  const { auth, clientCertificate } = stored;
  return {
    auth: auth === null ? null : withoutSecret(auth, showUrl),
    client_certificate: clientCertificate === null ? null : viewClientCertificate(clientCertificate, now),
  };
}

function withoutSecret(auth: EndpointAuth, showUrl: (url: string) => string): Static<typeof AuthView> {
  if (auth.type === "bearer") return { type: auth.type };
  if (auth.type === "basic") return { type: auth.type, username: auth.username };
  const { client_secret: _hidden, ...rest } = auth;
  return { ...rest, token_url: showUrl(rest.token_url) };
}

function mergeAuth(
  given: AuthRequest,
  stored: EndpointAuth | null,
  isOriginNew: boolean,
  problems: FieldProblem[],
): EndpointAuth {
  const field = SECRET_FIELDS[given.type];
  const kept = stored?.type === given.type ? stored : null;
  const secret = secretOfRequest(given);
  if (secret === undefined && kept === null) problems.push({ path: `auth.${field}`, message: "is required" });
  else if (secret === undefined && (isOriginNew || leadsElsewhere(given, kept))) {
    problems.push({ path: `auth.${field}`, message: "must be given again when it would go to another host" });
  }
  return withSecret(given, secret ?? (kept === null ? "" : secretOfAuth(kept)));
}

function secretOfRequest(given: AuthRequest): string | undefined {
  if (given.type === "bearer") return given.token;
  return given.type === "basic" ? given.password : given.client_secret;
}

function withSecret(given: AuthRequest, secret: string): EndpointAuth {
  if (given.type === "bearer") return { ...given, token: secret };
  if (given.type === "basic") return { ...given, password: secret };
  return { ...given, client_secret: secret, auth_style: given.auth_style ?? "header" };
}

function leadsElsewhere(given: AuthRequest, stored: EndpointAuth | null): boolean {
  const next = given.type === "oauth2_client_credentials" ? given.token_url : null;
  const before = tokenUrlOf(stored);
  return next !== null && before !== null && URL.parse(next)?.origin !== URL.parse(before)?.origin;
}

function tokenUrlProblems(url: string): readonly FieldProblem[] {
  const parsed = URL.parse(url);
  if (parsed !== null && /^https?:$/.test(parsed.protocol) && !/[{}]/.test(url)) return [];
  return [{ path: "auth.token_url", message: "must be an http or https URL without expressions" }];
}
