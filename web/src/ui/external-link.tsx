import { ExternalLink as ExternalIcon } from "lucide-react";
import { safeHref } from "../lib/links.ts";

/** A link that came with an alert: only http and https lead anywhere, anything else is shown as the text that it is. */
export function ExternalLink({ href, text }: { readonly href: string; readonly text: string }) {
  const safe = safeHref(href);
  const words = text === "" ? href : text;
  if (safe === null) return <span title={href}>{text === "" || text === href ? href : `${text} (${href})`}</span>;
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer" title={href}>
      {words} <ExternalIcon size={12} aria-hidden="true" style={{ verticalAlign: "-1px" }} />
      <span className="ow-hidden"> (opens a new tab)</span>
    </a>
  );
}
