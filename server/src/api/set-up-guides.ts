import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { PlatformName } from "../platforms/platform.ts";

/** The page of a platform, and payloads as the product really sends them. */
export type SetUpGuide = {
  /** Markdown; `$OVERWATCH` stands for this Overwatch's address, `webhook_url` for the integration's. */
  readonly markdown: string;
  readonly samples: readonly {
    readonly name: string;
    readonly title: string;
    readonly variant: string | null;
    readonly headers: JsonObject;
    readonly payload: JsonValue;
  }[];
};

/** The address that stands in the pages of platforms for this Overwatch's. */
const EXAMPLE_URL = "https://overwatch.example.com";
/** The same where a sender takes an address apart, as Watcher does. */
const EXAMPLE_PARTS = /"scheme": "https",(\s+)"host": "overwatch\.example\.com",(\s+)"port": 443/g;

const PLATFORMS_DIR = join(import.meta.dirname, "../platforms");
const guides = new Map<PlatformName, SetUpGuide>();

/** Reads the folder of a platform once; samples that nothing can be learnt from, the malformed ones, are left out. */
export function readSetUpGuide(name: PlatformName): SetUpGuide {
  let guide = guides.get(name);
  if (guide === undefined) {
    const folder = join(PLATFORMS_DIR, name);
    const markdown = readFileSync(join(folder, "README.md"), "utf8");
    const files = readdirSync(join(folder, "fixtures")).filter((file) => /^(?!malformed-).*\.json$/.test(file));
    guide = { markdown, samples: files.sort().map((file) => readSample(join(folder, "fixtures"), file)) };
    guides.set(name, guide);
  }
  return guide;
}

/** The guide with the real addresses in it, for whoever reads it where it can be copied from. */
export function fillGuide(markdown: string, publicUrl: string, webhookUrl: string | null): string {
  const { protocol, hostname, port } = new URL(publicUrl);
  const scheme = protocol.replace(":", "");
  const portInUse = port === "" ? (scheme === "https" ? "443" : "80") : port;
  const filled = markdown
    .replaceAll("$OVERWATCH/", `${publicUrl}/`)
    .replaceAll(`${EXAMPLE_URL}/`, `${publicUrl}/`)
    .replaceAll(
      EXAMPLE_PARTS,
      (_, gap, gap2) => `"scheme": "${scheme}",${gap}"host": "${hostname}",${gap2}"port": ${portInUse}`,
    );
  if (webhookUrl === null) return filled;
  return filled
    .replaceAll("<webhook_url>", webhookUrl)
    .replaceAll("`webhook_url`", `\`${webhookUrl}\``)
    .replaceAll("<integration id>", webhookUrl.split("/").at(-1) ?? "");
}

function readSample(folder: string, file: string): SetUpGuide["samples"][number] {
  const fixture = JSON.parse(readFileSync(join(folder, file), "utf8")) as JsonValue;
  const fields = isObject(fixture) ? fixture : {};
  const { name, variant, headers, payload } = fields;
  return {
    name: file.replace(/\.json$/, ""),
    title: typeof name === "string" ? name : file,
    variant: typeof variant === "string" ? variant : null,
    headers: isObject(headers) ? headers : {},
    payload: payload ?? null,
  };
}
