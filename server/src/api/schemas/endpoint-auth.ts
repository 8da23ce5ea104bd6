import { type Static, Type } from "typebox";
import { nullable, oneOf, strict, Timestamp } from "./shared.ts";

const kind = <const T extends string>(type: T) => Type.Unsafe<T>({ type: "string", const: type });
const printable = (maxLength: number, description?: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: "^[\\x20-\\x7e]+$",
    ...(description === undefined ? {} : { description }),
  });

const userName = Type.String({ minLength: 1, maxLength: 256, pattern: "^[\\x20-\\x39\\x3b-\\x7e]+$" });
const AUTH_STYLE = ["header", "body"] as const;
const oauthSettings = {
  type: kind("oauth2_client_credentials"),
  token_url: Type.String({ minLength: 1, maxLength: 2_048, description: "http or https, without expressions" }),
  client_id: printable(512),
  scope: Type.Optional(printable(2_048)),
  audience: Type.Optional(printable(2_048)),
};

const bearer = strict({
  type: kind("bearer"),
  token: Type.Optional(Type.String({ minLength: 1, maxLength: 4_096, pattern: "^[\\x21-\\x7e]+$" })),
});
const basic = strict({
  type: kind("basic"),
  username: userName,
  password: Type.Optional(printable(1_024)),
});
const oauth = strict({
  ...oauthSettings,
  client_secret: Type.Optional(printable(2_048)),
  auth_style: Type.Optional(
    oneOf(AUTH_STYLE, "The client's credentials as HTTP Basic, `header`, or as fields of the form, `body`"),
  ),
});

/** How an endpoint proves who calls, as a request carries it; a secret that is absent in a change stays as it is. */
export const AuthRequest = Type.Unsafe<Static<typeof bearer> | Static<typeof basic> | Static<typeof oauth>>({
  type: "object",
  required: ["type"],
  discriminator: { propertyName: "type" },
  oneOf: [bearer, basic, oauth],
});

/** An `auth` as a request carries it. */
export type AuthRequest = Static<typeof AuthRequest>;

const bearerView = strict({ type: kind("bearer") });
const basicView = strict({ type: kind("basic"), username: Type.String() });
const oauthView = strict({ ...oauthSettings, auth_style: oneOf(AUTH_STYLE) });

/** The same without its secret. */
export const AuthView = Type.Unsafe<Static<typeof bearerView> | Static<typeof basicView> | Static<typeof oauthView>>({
  type: "object",
  oneOf: [bearerView, basicView, oauthView],
});

const pem = (description: string) => Type.String({ minLength: 1, maxLength: 65_536, description });

/** What TLS shows a receiver that asks who calls. */
export const ClientCertificateRequest = strict({
  certificate: pem("PEM: the certificate, then those that lead to its authority"),
  key: pem("PEM without a passphrase; sealed, never shown"),
  ca: Type.Optional(
    pem("PEM: the authorities that the receiver's certificate may come from, in place of the usual ones"),
  ),
});

/** A client certificate as every answer shows it. */
export const ClientCertificateView = strict({
  subject: Type.String(),
  issuer: Type.String(),
  fingerprint_sha256: Type.String(),
  expires_at: Timestamp,
  has_ca: Type.Boolean(),
  warning: nullable(Type.String({ description: "What will fail, or soon will" })),
});
