import { Button, Input, TextInput } from "@mantine/core";
import { Select } from "../../ui/select.tsx";
import { METHODS } from "./endpoint-draft.ts";
import styles from "./endpoints.module.css";
import type { FormParts } from "./form-parts.ts";
import { PairsField } from "./pairs-field.tsx";

type AddressFieldsProps = FormParts & {
  /** The names of variables that are stored; none where the endpoint is new. */
  readonly storedVariables?: readonly string[];
  /** What a preset says of a variable. */
  readonly aboutOf?: (name: string) => string | undefined;
};

/** Where requests go and what they carry in their heads. */
export function AddressFields(props: AddressFieldsProps) {
  const { draft, set, problemOf } = props;
  return (
    <div className={styles.stack}>
      <TextInput
        label="Name"
        required
        value={draft.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        error={problemOf("name")}
      />
      <div className={styles.row} style={{ alignItems: "flex-start" }}>
        <Select
          label="Method"
          w={110}
          data={[...METHODS]}
          value={draft.method}
          allowDeselect={false}
          onChange={(method) => set({ method: METHODS.find((known) => known === method) ?? draft.method })}
          error={problemOf("method")}
        />
        <TextInput
          label="URL"
          className={styles.grow ?? ""}
          required
          type="text"
          inputMode="url"
          placeholder="https://example.com/incidents"
          value={draft.url}
          onChange={(event) => set({ url: event.currentTarget.value })}
          error={problemOf("url")}
        />
      </div>
      <p className={styles.words}>
        Keys do not belong into the URL itself: make a variable of them and write <code>{"{{its_name}}"}</code>.
        Variables are sealed and never shown again.
      </p>
      <Variables {...props} />
      <PairsField
        label="Headers"
        noun="header"
        description="Values may hold expressions. What is shown as *** keeps its value until it is changed."
        pairs={draft.headers}
        onChange={(headers) => set({ headers })}
        error={problemOf("headers")}
      />
    </div>
  );
}

function Variables({ draft, set, problemOf, storedVariables = [], aboutOf }: AddressFieldsProps) {
  if (draft.variables === null) {
    return (
      <Input.Wrapper
        label="Variables"
        labelElement="div"
        description="Stored, sealed, and shown to nobody."
        error={problemOf("variables")}
      >
        <div className={styles.badges} style={{ marginTop: 6 }}>
          {storedVariables.length === 0 ? <span className="ow-dim">none</span> : null}
          {storedVariables.map((name) => (
            <code key={name}>{name}</code>
          ))}
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => set({ variables: storedVariables.map((name, key) => ({ key, name, value: "" })) })}
          >
            {storedVariables.length === 0 ? "Add variables" : "Give them anew"}
          </Button>
        </div>
      </Input.Wrapper>
    );
  }
  return (
    <div className={styles.tight}>
      <PairsField
        label="Variables"
        noun="variable"
        isSecret
        description={
          storedVariables.length === 0
            ? "Secrets for URL, headers and template."
            : "These replace all that are stored, so give each of them."
        }
        {...(aboutOf === undefined ? {} : { hintOf: aboutOf })}
        pairs={draft.variables}
        onChange={(variables) => set({ variables })}
        error={problemOf("variables")}
      />
      {storedVariables.length === 0 ? null : (
        <div>
          <Button size="compact-xs" variant="subtle" onClick={() => set({ variables: null })}>
            Keep those that are stored
          </Button>
        </div>
      )}
    </div>
  );
}
