/** What stands for no proxy at all in the list of named ones. */
export const DIRECT = "direct";

/** Forward proxies by name: `http://[user:password@]host[:port]`, or `direct`. */
export type NamedProxies = Readonly<Record<string, string>>;

const NAME = /^[a-z][a-z0-9_-]{0,31}$/;

/** True for `http://[user:password@]host[:port]` and nothing else. */
export function isProxyUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.protocol === "http:" && url.pathname === "/" && url.search === "" && url.hash === "";
}

/** Reads entries `name=url`; what is wrong is said without quoting a URL, since that can hold a password. */
export function readNamedProxies(
  entries: readonly string[],
):
  | { readonly ok: true; readonly proxies: NamedProxies }
  | { readonly ok: false; readonly messages: readonly string[] } {
  const proxies: Record<string, string> = {};
  const messages: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const end = entry.indexOf("=");
    const name = end === -1 ? "" : entry.slice(0, end).trim();
    const url = entry.slice(end + 1).trim();
    if (!NAME.test(name))
      messages.push(`entry ${index + 1} must be name=url, the name of a–z 0–9 _ - from a letter on`);
    else if (Object.hasOwn(proxies, name)) messages.push(`${name} is named twice`);
    else if (url !== DIRECT && !isProxyUrl(url)) {
      messages.push(`${name} must be http://host:port, with user:password@ where the proxy asks for it, or ${DIRECT}`);
    } else proxies[name] = url;
  }
  return messages.length > 0 ? { ok: false, messages } : { ok: true, proxies };
}
