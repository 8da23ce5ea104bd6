import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { CopyButton } from "../../ui/copy-button.tsx";
import styles from "./endpoints.module.css";

const SNIPPETS = {
  Node: `import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.OVERWATCH_WEBHOOK_SECRET);
// Throws unless the body is ours. Give it the bytes as they came, before any parsing.
const event = webhook.verify(rawBody, request.headers);`,
  Python: `import os
from standardwebhooks import Webhook

webhook = Webhook(os.environ["OVERWATCH_WEBHOOK_SECRET"])
# Raises unless the body is ours. Give it the bytes as they came, before any parsing.
event = webhook.verify(raw_body, request.headers)`,
  Go: `webhook, err := standardwebhooks.NewWebhook(os.Getenv("OVERWATCH_WEBHOOK_SECRET"))
// An error unless the body is ours. Give it the bytes as they came.
err = webhook.Verify(rawBody, request.Header)`,
  "By hand": `signed    = webhook-id + "." + webhook-timestamp + "." + raw body
key       = base64 decoded from what follows whsec_
signature = "v1," + base64(HMAC-SHA256(key, signed))

Compare in constant time with each signature of the header webhook-signature
(they are separated by spaces) and refuse timestamps older than five minutes.`,
} as const;

type Language = keyof typeof SNIPPETS;

/** How a receiver checks that a request came from this endpoint, in a few languages. */
export function VerifyHint() {
  const [language, setLanguage] = useState<Language>("Node");
  const snippet = SNIPPETS[language];
  return (
    <div className={styles.tight}>
      <p>
        Requests follow Standard Webhooks. The same <code>webhook-id</code> comes with every retry: ignore an id that
        you have seen.
      </p>
      <div className={styles.row}>
        <SegmentedControl
          size="xs"
          aria-label="Language"
          data={Object.keys(SNIPPETS)}
          value={language}
          onChange={(value) => setLanguage(value as Language)}
        />
        <CopyButton text={snippet} label="Copy how to check the signature" />
      </div>
      <pre className={styles.body} tabIndex={0} role="group" aria-label="How to check the signature">
        {snippet}
      </pre>
    </div>
  );
}
