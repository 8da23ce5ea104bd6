import type { IncomingMessage } from "node:http";

const NAME = "overwatch_session";
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Whether cookies of this request may be marked for TLS alone: it came by TLS, or the outside comes by https. */
export function isSecure(request: IncomingMessage, publicUrl: string): boolean {
  return ("encrypted" in request.socket && request.socket.encrypted === true) || publicUrl.startsWith("https://");
}

/** The session token that a request bears, or null. */
export function readSessionCookie(request: IncomingMessage, publicUrl: string): string | null {
  return readCookie(request, nameOf(isSecure(request, publicUrl)), TOKEN);
}

/** The value of the cookie with a name, when it is there and has the shape; null otherwise. */
export function readCookie(request: IncomingMessage, name: string, shape: RegExp): string | null {
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    const value = pair.slice(at + 1).trim();
    return shape.test(value) ? value : null;
  }
  return null;
}

/** The header that gives a browser its session. */
export function sessionCookie(token: string, secure: boolean, maxAgeSeconds: number): string {
  return cookie(nameOf(secure), token, secure, "/", maxAgeSeconds);
}

/** The header that takes it away. */
export function endedSessionCookie(secure: boolean): string {
  return cookie(nameOf(secure), "", secure, "/", 0);
}

/** A cookie that scripts cannot read and that other sites' requests do not bear. */
export function cookie(name: string, value: string, secure: boolean, path: string, maxAgeSeconds: number): string {
  return `${name}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}

/** The prefix has browsers refuse the cookie to subdomains and plain HTTP, which plain HTTP itself cannot have. */
function nameOf(secure: boolean): string {
  return secure ? `__Host-${NAME}` : NAME;
}
