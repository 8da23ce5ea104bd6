import { Buffer } from "node:buffer";
import type { BasicAuth, OauthAuth } from "../core/endpoint-auth.ts";

/** The `Authorization` of a user name and a password (RFC 7617, UTF-8). */
export function basicAuthorization(auth: BasicAuth): string {
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`;
}

/** The client's credentials as HTTP Basic, each part form-encoded first (RFC 6749 section 2.3.1). */
export function clientAuthorization(auth: OauthAuth): string {
  const encode = (text: string): string => new URLSearchParams({ "": text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(auth.client_id)}:${encode(auth.client_secret)}`).toString("base64")}`;
}
