import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An identity provider on the loopback interface, with faults on request. */
export type FakeIssuer = {
  readonly url: string;
  /** Lets whoever is sent to this address sign in, and answers the address to come back to. */
  authorize(authorizationUrl: string, claims: Readonly<Record<string, unknown>>): string;
  /** What the page says of whoever presses its button, to which a browser is sent. */
  person: Readonly<Record<string, unknown>>;
  /** What the next ID tokens and ways back say otherwise than they should, and whether nothing is answered at all. */
  faults: { nonce?: string; aud?: string; iss?: string; isForged?: boolean; state?: string; isAway?: boolean };
  close(): Promise<void>;
};

type Grant = { readonly nonce: string; readonly challenge: string; readonly claims: Readonly<Record<string, unknown>> };

/** Starts an issuer that knows one client, `overwatch` with the secret `hush hush`. `now` in epoch milliseconds. */
export async function startFakeIssuer(now: () => number): Promise<FakeIssuer> {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const forged = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const grants = new Map<string, Grant>();
  const issuer: FakeIssuer = {
    url: "",
    person: {},
    faults: {},
    authorize(authorizationUrl, claims) {
      const { searchParams } = new URL(authorizationUrl);
      const ask = (name: string): string => searchParams.get(name) ?? "";
      if (ask("client_id") !== "overwatch" || ask("code_challenge_method") !== "S256") throw new Error("wrong request");
      const code = randomBytes(8).toString("hex");
      grants.set(code, { nonce: ask("nonce"), challenge: ask("code_challenge"), claims });
      const back = new URL(ask("redirect_uri"));
      back.searchParams.set("code", code);
      back.searchParams.set("state", issuer.faults.state ?? ask("state"));
      back.searchParams.set("iss", server.url);
      return back.href;
    },
    close: () => new Promise((resolve) => listener.close(() => resolve())),
  };
  const server = issuer as { url: string } & FakeIssuer;

  const token = (grant: Grant): string => {
    const seconds = Math.floor(now() / 1_000);
    const header = { alg: "RS256", kid: "1", typ: "JWT" };
    const { nonce = grant.nonce, aud = "overwatch", iss = server.url, isForged } = issuer.faults;
    const claims = { iss, aud, iat: seconds, exp: seconds + 300, nonce, ...grant.claims };
    const body = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    const key = isForged ? forged.privateKey : keys.privateKey;
    return `${body}.${sign("sha256", Buffer.from(body), key).toString("base64url")}`;
  };
  const answer = (response: ServerResponse, status: number, body: object): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  const exchange = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const form = new URLSearchParams(text);
    const grant = grants.get(form.get("code") ?? "");
    grants.delete(form.get("code") ?? "");
    const proof = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const isKnown = form.get("client_secret") === "hush hush" && grant?.challenge === proof;
    if (!isKnown || grant === undefined) return answer(response, 400, { error: "invalid_grant" });
    answer(response, 200, { access_token: "a", token_type: "Bearer", expires_in: 300, id_token: token(grant) });
  };
  const showPage = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.method === "POST") {
      const location = issuer.authorize(`${server.url}${request.url}`, issuer.person);
      response.writeHead(303, { location }).end();
      return;
    }
    const page = `<!doctype html><html lang="en"><title>Sign in</title><form method="post"><button>Continue</button></form>`;
    response.writeHead(200, { "content-type": "text/html" }).end(page);
  };
  const listener = createServer((request, response) => {
    if (issuer.faults.isAway === true) return void request.socket.destroy();
    if (request.url?.startsWith("/authorize?") === true) return showPage(request, response);
    if (request.url === "/token") return void exchange(request, response);
    if (request.url === "/jwks") {
      return answer(response, 200, {
        keys: [{ ...keys.publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256", use: "sig" }],
      });
    }
    if (request.url !== "/.well-known/openid-configuration") return answer(response, 404, {});
    answer(response, 200, {
      issuer: server.url,
      authorization_endpoint: `${server.url}/authorize`,
      token_endpoint: `${server.url}/token`,
      jwks_uri: `${server.url}/jwks`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  server.url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  return issuer;
}
