import { Button } from "@mantine/core";
import { RotateCw, ShieldCheck, TriangleAlert } from "lucide-react";
import { explainError } from "../lib/data-safety.ts";
import { Copyable } from "./copy-button.tsx";
import styles from "./states.module.css";

/** What happened, whether data is safe, a way to try again, and the id that finds it in the log. */
export function ErrorPanel({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const { title, message, safety, code, requestId } = explainError(error);
  return (
    <div className={styles.error} role="alert">
      <TriangleAlert className={styles.errorIcon} size={20} aria-hidden="true" />
      <div className={styles.errorWords}>
        <p className={styles.errorTitle}>{title}</p>
        <p>{message}</p>
        <p className={styles.safety}>
          <ShieldCheck size={14} aria-hidden="true" />
          {safety}
        </p>
        {code === null && requestId === null ? null : (
          <p className={styles.errorIds}>
            {code === null ? null : <code>{code}</code>}
            {requestId === null ? null : (
              <span>
                Request <Copyable text={requestId} label="Copy the request id" />
              </span>
            )}
          </p>
        )}
        {onRetry === undefined ? null : (
          <Button
            size="xs"
            variant="default"
            mt={10}
            leftSection={<RotateCw size={14} aria-hidden="true" />}
            onClick={onRetry}
          >
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}
