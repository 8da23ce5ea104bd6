import { Button } from "@mantine/core";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import type { EndpointForm } from "./endpoint-form.ts";
import styles from "./endpoints.module.css";
import { FORM_PATHS } from "./form-parts.ts";

/** Saves what was changed, or forgets it; there only while something was. */
export function SaveBar({ form }: { readonly form: EndpointForm }) {
  if (!form.isChanged) return null;
  const refused = FORM_PATHS.filter((path) => form.problemOf(path) !== undefined);
  return (
    <div className={styles.bar} role="group" aria-label="Changes">
      {form.isOvertaken ? null : (
        <Button loading={form.isSending} onClick={() => void form.save()}>
          Save
        </Button>
      )}
      <Button variant="default" onClick={form.reset}>
        {form.isOvertaken ? "Load what is saved now" : "Discard"}
      </Button>
      {refused.length > 0 ? (
        <span role="alert" style={{ color: "var(--ow-critical)" }}>
          Not right yet: {refused.map((path) => path.replaceAll("_", " ")).join(", ")}. What is wrong stands there.
        </span>
      ) : form.error === null ? (
        <span>There are changes that are not saved yet.</span>
      ) : (
        <div style={{ flex: "1 1 320px" }}>
          <ErrorPanel error={form.error} />
        </div>
      )}
    </div>
  );
}
