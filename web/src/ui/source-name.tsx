import { memo } from "react";
import type { IntegrationName } from "../lib/integration-names.ts";
import { PlatformMark } from "./platform-mark.tsx";

/** Where something came from: the integration with its platform's mark; by hand when there is none. */
export const SourceName = memo(function SourceName({ source }: SourceNameProps) {
  if (source === null) return <span className="ow-dim">By hand</span>;
  if (source === undefined) return <span className="ow-dim">–</span>;
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 6, maxWidth: "100%" }}>
      <PlatformMark platform={source.platform} />
      <span style={{ overflow: "hidden", textOverflow: "ellipsis" }} title={`${source.name} (${source.platform})`}>
        {source.name}
      </span>
    </span>
  );
});

type SourceNameProps = { readonly source: IntegrationName | undefined | null };
