import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";

/** The pages of the web console as something that requests can be given to. */
export type ConsolePages = {
  /** True for what a browser asks when it wants a page or a part of one; never for a path of the API. */
  handles(request: Pick<IncomingMessage, "method" | "url" | "headers">): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
};

const ASSET = /^\/(?:assets\/[A-Za-z0-9_-][A-Za-z0-9._-]*|favicon\.svg)$/;
/** What belongs to programs, whatever a browser says it accepts. */
const NOT_PAGES = /^\/(?:api|healthz|readyz|metrics)(?:\/|$)/;

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  woff2: "font/woff2",
};

const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

const SECURITY_HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/**
 * Serves the built console from a folder: the one page under every path that is not the API's, and its assets, whose names
 * carry a hash. Without a build it says how to make one. Files are read when they are asked for, so a start waits for none.
 */
export function createConsolePages(folder: string): ConsolePages {
  return {
    handles({ method, url, headers }) {
      if (method !== "GET" && method !== "HEAD") return false;
      const path = pathOf(url);
      if (ASSET.test(path)) return true;
      return !NOT_PAGES.test(path) && /\btext\/html\b/i.test(headers.accept ?? "");
    },
    handle(request, response) {
      const path = pathOf(request.url);
      const answering = ASSET.test(path)
        ? sendAsset(folder, path, request, response)
        : sendPage(folder, request, response);
      // Only a connection that is gone can fail here, and there is nobody to tell.
      answering.catch(() => response.destroy());
    },
  };
}

async function sendPage(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const page = await read(join(folder, "index.html"));
  if (page === null) {
    send(
      request,
      response,
      503,
      { "content-type": "text/html; charset=utf-8", ...policy(""), "retry-after": "2" },
      NOT_BUILT,
    );
    return;
  }
  const etag = `"${createHash("sha256").update(page).digest("base64url").slice(0, 22)}"`;
  const headers = {
    "content-type": "text/html; charset=utf-8",
    // The page names the assets of its build, so it is asked for each time; mostly the answer is 304.
    "cache-control": "no-cache",
    etag,
    ...policy(page.toString()),
  };
  if (request.headers["if-none-match"] === etag) send(request, response, 304, headers, null);
  else send(request, response, 200, headers, page);
}

async function sendAsset(
  folder: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const type = TYPES[path.slice(path.lastIndexOf(".") + 1)];
  const accepted = String(request.headers["accept-encoding"] ?? "");
  const encoding = ENCODINGS.find(([name]) =>
    new RegExp(`\\b${name}\\b(?!\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$))`).test(accepted),
  );
  const file = join(folder, path);
  const packed = encoding === undefined ? null : await read(file + encoding[1]);
  const body = packed ?? (type === undefined ? null : await read(file));
  if (body === null || type === undefined) {
    send(
      request,
      response,
      404,
      { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
      "Not found\n",
    );
    return;
  }
  const isHashed = path.startsWith("/assets/");
  send(
    request,
    response,
    200,
    {
      "content-type": type,
      "cache-control": isHashed ? "public, max-age=31536000, immutable" : "public, max-age=3600",
      vary: "accept-encoding",
      ...(packed === null || encoding === undefined ? {} : { "content-encoding": encoding[0] }),
    },
    body,
  );
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer | string | null,
): void {
  const length = body === null ? {} : { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...SECURITY_HEADERS, ...headers, ...length });
  response.end(request.method === "HEAD" || body === null ? undefined : body);
}

/**
 * What the page may do: its own scripts and styles, requests to its own server, nothing else. The one script inside the page
 * is named by its hash. Styles in attributes are what Mantine positions things with. Nothing here asks for TLS, because the
 * console also runs on plain HTTP within a network.
 */
function policy(page: string): { readonly "content-security-policy": string } {
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, text = ""]) => ` 'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  );
  const rules = [
    "default-src 'none'",
    `script-src 'self'${scripts.join("")}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return { "content-security-policy": rules.join("; ") };
}

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="2"><title>Overwatch</title></head>
<body style="font: 16px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem">
<h1>The console is not built yet</h1>
<p>Overwatch runs: webhooks are accepted and the API answers. Only the pages of the console are missing.</p>
<p>After the first <code>npm start</code> they are being built now, and show up here by themselves. Otherwise build them in the
folder of the program with <code>npm run build</code>.</p>
</body></html>
`;

async function read(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch {
    return null;
  }
}

function pathOf(url: string | undefined): string {
  return (url ?? "/").split("?", 1)[0] ?? "/";
}
