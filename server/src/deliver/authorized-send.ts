import type { OauthAuth } from "../core/endpoint-auth.ts";
import type { Outcome, Timing } from "../runtime/egress/exchange.ts";
import type { Egress, EgressRequest } from "../runtime/egress.ts";
import type { AccessTokens, TokenUser } from "./access-tokens.ts";
import { basicAuthorization } from "./authorization.ts";
import type { Mask } from "./mask.ts";
import type { Outgoing, OutgoingRequest } from "./outgoing.ts";

/** What came of a request, the request as it went out, and a mask that knows the access token as well. */
export type Exchanged = { readonly outcome: Outcome; readonly request: OutgoingRequest; readonly mask: Mask };

/** What sending with authentication needs. */
export type AuthorizedSendDeps = {
  readonly egress: Egress;
  readonly tokens: AccessTokens;
  readonly monotonicNow: () => number;
};

/**
 * Sends one request with the endpoint's authentication, all within its one deadline. A kept access token that the
 * receiver refuses with 401 is replaced and the request is sent once more, with the same id, within the same attempt.
 */
export async function sendAuthorized(
  deps: AuthorizedSendDeps,
  outgoing: Outgoing,
  request: OutgoingRequest,
  options: { readonly keepBytes?: number; readonly mask: Mask },
): Promise<Exchanged> {
  const { auth, endpoint } = outgoing;
  const startedAt = deps.monotonicNow();
  const leftMs = (): number => endpoint.timeoutSeconds * 1_000 - (deps.monotonicNow() - startedAt);
  const send = (sent: OutgoingRequest): Promise<Outcome> =>
    deps.egress.send({
      url: sent.url,
      method: sent.method,
      headers: sent.headers,
      body: sent.body,
      timeoutMs: Math.max(1, leftMs()),
      poolKey: endpoint.id,
      ...kept(options.keepBytes),
      ...(endpoint.proxy === null ? {} : { proxy: endpoint.proxy }),
      ...(outgoing.clientCertificate === null ? {} : { clientCertificate: outgoing.clientCertificate }),
    });
  if (auth === null) return { outcome: await send(request), request, mask: options.mask };
  if (auth.type !== "oauth2_client_credentials") {
    const sent = withAuthorization(request, auth.type === "bearer" ? `Bearer ${auth.token}` : basicAuthorization(auth));
    return { outcome: await send(sent), request: sent, mask: options.mask };
  }
  return sendWithToken(deps, auth, endpoint, request, { send, leftMs, mask: options.mask });
}

async function sendWithToken(
  deps: AuthorizedSendDeps,
  auth: OauthAuth,
  endpoint: TokenUser,
  request: OutgoingRequest,
  by: {
    readonly send: (sent: OutgoingRequest) => Promise<Outcome>;
    readonly leftMs: () => number;
    readonly mask: Mask;
  },
): Promise<Exchanged> {
  const beganWith = by.leftMs();
  const noToken = (message: string): Exchanged => {
    const outcome: Outcome = { ok: false, reason: "token", message, timing: onlyTotal(beganWith - by.leftMs()) };
    return { outcome, request, mask: by.mask };
  };
  const attempt = async (token: string): Promise<Exchanged> => {
    const sent = withAuthorization(request, `Bearer ${token}`);
    const outcome = await by.send(sent);
    if (outcome.status === 401) deps.tokens.drop(endpoint.id, token);
    return { outcome, request: sent, mask: (text) => by.mask(text.replaceAll(token, "***")) };
  };
  const first = await deps.tokens.get(endpoint, auth, by.leftMs());
  if (!first.ok) return noToken(first.message);
  const exchanged = await attempt(first.token);
  if (exchanged.outcome.status !== 401 || !first.isKept || by.leftMs() <= 0) return exchanged;
  const second = await deps.tokens.get(endpoint, auth, by.leftMs());
  return second.ok ? attempt(second.token) : noToken(second.message);
}

function withAuthorization(request: OutgoingRequest, authorization: string): OutgoingRequest {
  return { ...request, headers: { ...request.headers, authorization } };
}

function kept(keepBytes: number | undefined): Pick<EgressRequest, "keepBytes"> {
  return keepBytes === undefined ? {} : { keepBytes };
}

function onlyTotal(totalMs: number): Timing {
  return {
    dns_ms: null,
    connect_ms: null,
    tls_ms: null,
    first_byte_ms: null,
    total_ms: Math.round(totalMs * 100) / 100,
  };
}
