import type { Configuration } from "openid-client";
import type { JsonObject } from "../core/json.ts";
import { type OidcPerson, readOidcClaims } from "../core/oidc-claims.ts";
import type { Clock } from "../runtime/clock.ts";

/** How people sign in at an identity provider (OpenID Connect). */
export type OidcSettings = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly roleClaim: string | null;
  /** The role of people who were not invited; null lets nobody in who was not. */
  readonly defaultRole: "admin" | "responder" | "viewer" | null;
  /** Domains of e-mail addresses, in lower case; none allow all. */
  readonly allowedDomains: readonly string[];
};

/** What a browser must bring back: kept in a sealed cookie meanwhile. */
export type OidcAttempt = { readonly state: string; readonly nonce: string; readonly verifier: string };

/** An identity provider, reached through the egress guard. */
export type OidcClient = {
  readonly settings: OidcSettings;
  /** Where to send a browser, and what it must bring back. */
  begin(redirectUri: string): Promise<{ readonly url: string; readonly attempt: OidcAttempt }>;
  /** Who came back, or that the provider gave no answer when it was asked; throws when anything about it is wrong. */
  finish(callbackUrl: string, attempt: OidcAttempt): Promise<OidcPerson | "away">;
};

const DISCOVERED_MS = 3_600_000;
const TIMEOUT_SECONDS = 10;

/** The library wraps what sending throws; this is found among the causes. */
class NoAnswer extends Error {}

function isFromNoAnswer(error: unknown): boolean {
  return error instanceof NoAnswer || (error instanceof Error && isFromNoAnswer(error.cause));
}

/** Makes a client; the library is loaded and the provider asked about itself when somebody first signs in. */
export function createOidcClient(
  settings: OidcSettings,
  send: (
    url: string,
    request: { readonly method: string; readonly headers: Readonly<Record<string, string>>; readonly body?: unknown },
  ) => Promise<Response>,
  clock: Clock,
): OidcClient {
  let known: { readonly configuration: Promise<Configuration>; readonly since: number } | null = null;
  const load = () => import("openid-client");

  const discover = async (): Promise<Configuration> => {
    const client = await load();
    const server = new URL(settings.issuer);
    const authentication =
      settings.clientSecret === null ? client.None() : client.ClientSecretPost(settings.clientSecret);
    return client.discovery(server, settings.clientId, undefined, authentication, {
      [client.customFetch]: (url, { method, headers, body }) =>
        send(url, { method, headers, body }).catch((cause: unknown) => {
          throw new NoAnswer("the provider gave no answer", { cause });
        }),
      timeout: TIMEOUT_SECONDS,
      execute: [
        // The library trusts TLS alone to the token's origin otherwise.
        client.enableNonRepudiationChecks,
        // An issuer within the own network may have no TLS; the operator named it.
        ...(server.protocol === "http:" ? [client.allowInsecureRequests] : []),
      ],
    });
  };

  /** Asked once for all who come at once; a failure is not remembered. */
  const configure = (): Promise<Configuration> => {
    if (known !== null && clock.now() - known.since < DISCOVERED_MS) return known.configuration;
    const configuration = discover();
    const asked = { configuration, since: clock.now() };
    known = asked;
    configuration.catch(() => {
      if (known === asked) known = null;
    });
    return configuration;
  };

  return {
    settings,
    async begin(redirectUri) {
      const [client, configuration] = [await load(), await configure()];
      const attempt = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: "openid email profile",
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: "S256",
      });
      return { url: url.href, attempt };
    },
    async finish(callbackUrl, attempt) {
      const client = await load();
      const tokens = await configure()
        .then((configuration) =>
          client.authorizationCodeGrant(configuration, new URL(callbackUrl), {
            expectedState: attempt.state,
            expectedNonce: attempt.nonce,
            pkceCodeVerifier: attempt.verifier,
            idTokenExpected: true,
          }),
        )
        .catch((error: unknown) => {
          if (isFromNoAnswer(error)) return null;
          throw error;
        });
      if (tokens === null) return "away";
      const person = readOidcClaims((tokens.claims() ?? {}) as JsonObject, settings.roleClaim);
      if (person === null) throw new Error("the ID token names nobody");
      return person;
    },
  };
}
