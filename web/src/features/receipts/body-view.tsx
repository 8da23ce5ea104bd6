import type { FullReceiptWire } from "../../../../server/src/api/contract.ts";
import { JsonViewer } from "../../ui/json-viewer.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { readBody } from "./receipt-body.ts";
import styles from "./receipts.module.css";

/** What came, to read or byte by byte. */
export function BodyView({ receipt }: { readonly receipt: FullReceiptWire }) {
  const body = readBody(receipt);
  if (body.kind === "json") return <JsonViewer label="Body" value={body.value} raw={body.text} />;
  return (
    <Panel title={body.kind === "text" ? "Body, which is no JSON" : "Body, which is no text"}>
      <div className={styles.scroll} tabIndex={0} role="group" aria-label="Body">
        <pre style={{ margin: 0, whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
          {body.kind === "text" ? body.text : `base64: ${receipt.body_base64.slice(0, 4_000)}`}
        </pre>
      </div>
    </Panel>
  );
}
