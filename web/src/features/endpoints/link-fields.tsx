import { Button, Input, SegmentedControl, TextInput } from "@mantine/core";
import { Plus } from "lucide-react";
import { useEndpointNames } from "../../lib/endpoint-names.ts";
import { CodeEditor } from "../../ui/code-editor.tsx";
import { NumberField } from "../../ui/number-field.tsx";
import { Select } from "../../ui/select.tsx";
import { METHODS } from "./endpoint-draft.ts";
import { SUBSCRIPTIONS } from "./endpoint-words.ts";
import styles from "./endpoints.module.css";
import type { FormParts } from "./form-parts.ts";
import { type OverrideDraft, withNewOverride } from "./override-draft.ts";
import { PairsField } from "./pairs-field.tsx";
import { parseTemplate } from "./template-text.ts";

/** What is kept of answers, and what some events have of their own. */
export function LinkFields({ draft, set, problemOf }: FormParts) {
  const patch = (key: number, part: Partial<OverrideDraft>): void =>
    set({ overrides: draft.overrides.map((one) => (one.key === key ? { ...one, ...part } : one)) });
  return (
    <div className={styles.stack}>
      <PairsField
        label="Kept of answers"
        noun="value"
        valueWord="expression"
        description={
          <>
            An expression over <code>json</code>, <code>status</code> and <code>headers</code> of a good answer, such as{" "}
            <code>json.id</code>; later deliveries of the incident read it as <code>link.name</code>.
          </>
        }
        pairs={draft.capture}
        onChange={(capture) => set({ capture })}
        error={problemOf("capture")}
      />
      <Input.Wrapper
        label="Overrides"
        labelElement="div"
        description="Another method, URL or body for some events; the most specific name holds alone. All URLs lead to one host."
        error={draft.overrides.length === 0 ? problemOf("overrides") : wholeProblem(draft.overrides, problemOf)}
      >
        <div className={styles.tight} style={{ marginTop: 6 }}>
          {draft.overrides.map((one) => (
            <OverrideFields
              key={one.key}
              override={one}
              problemOf={problemOf}
              onChange={(part) => patch(one.key, part)}
              onRemove={() => set({ overrides: draft.overrides.filter(({ key }) => key !== one.key) })}
            />
          ))}
          <div>
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<Plus size={13} aria-hidden="true" />}
              onClick={() => set({ overrides: withNewOverride(draft.overrides) })}
            >
              Add an override
            </Button>
          </div>
        </div>
      </Input.Wrapper>
    </div>
  );
}

/** What is said of the overrides as a whole, where no single one says it. */
function wholeProblem(overrides: readonly OverrideDraft[], problemOf: FormParts["problemOf"]): string | undefined {
  const isAtOne = overrides.some(({ event }) => event !== "" && problemOf(`overrides.${event}`) !== undefined);
  return isAtOne ? undefined : problemOf("overrides");
}

type OverrideFieldsProps = {
  readonly override: OverrideDraft;
  readonly problemOf: FormParts["problemOf"];
  readonly onChange: (part: Partial<OverrideDraft>) => void;
  readonly onRemove: () => void;
};

function OverrideFields({ override, problemOf, onChange, onRemove }: OverrideFieldsProps) {
  const { event, method, url, body, template } = override;
  const path = `overrides.${event}`;
  const parsed = parseTemplate(template);
  const known = [...new Set([...SUBSCRIPTIONS, ...(event === "" ? [] : [event])])];
  return (
    <div className={styles.override} role="group" aria-label={`Override of ${event === "" ? "an event" : event}`}>
      <div className={styles.row} style={{ alignItems: "flex-start" }}>
        <Select
          label="Event"
          data={known}
          searchable
          value={event === "" ? null : event}
          onChange={(chosen) => onChange({ event: chosen ?? "" })}
        />
        <Select
          label="Method"
          w={120}
          placeholder="the same"
          clearable
          data={[...METHODS]}
          value={method}
          onChange={(chosen) => onChange({ method: METHODS.find((one) => one === chosen) ?? null })}
          error={problemOf(`${path}.method`)}
        />
        <TextInput
          label="URL"
          className={styles.grow ?? ""}
          placeholder="the endpoint's own"
          value={url}
          onChange={(change) => onChange({ url: change.currentTarget.value })}
          error={problemOf(`${path}.url`)}
        />
      </div>
      <div className={styles.row}>
        <SegmentedControl
          size="xs"
          aria-label={`Body of ${event}`}
          data={[
            { value: "same", label: "The endpoint's body" },
            { value: "standard", label: "Standard body" },
            { value: "own", label: "Its own" },
          ]}
          value={body}
          onChange={(chosen) =>
            onChange({ body: chosen === "own" ? "own" : chosen === "standard" ? "standard" : "same" })
          }
        />
        <Button size="compact-xs" variant="subtle" onClick={onRemove}>
          Remove the override
        </Button>
      </div>
      {body !== "own" ? null : (
        <CodeEditor
          label={`Template of ${event}`}
          language="json"
          minLines={4}
          value={template}
          onChange={(text) => onChange({ template: text })}
          problems={parsed.ok ? [] : [{ position: parsed.position, message: parsed.message }]}
          error={parsed.ok ? problemOf(`${path}.template`) : `The template ${parsed.message}`}
        />
      )}
    </div>
  );
}

type FallbackFieldsProps = FormParts & { readonly endpointId?: string };

/** Who hears while the endpoint cannot be reached. */
export function FallbackFields({ draft, set, problemOf, endpointId }: FallbackFieldsProps) {
  const { all } = useEndpointNames();
  const others = all.filter(({ id }) => id !== endpointId).map(({ id, name }) => ({ value: id, label: name }));
  return (
    <div className={styles.three}>
      <Select
        label="Endpoint that hears instead"
        placeholder="nobody"
        clearable
        searchable
        data={others}
        value={draft.fallbackId}
        onChange={(fallbackId) => set({ fallbackId })}
        error={problemOf("fallback")}
      />
      {draft.fallbackId === null ? null : (
        <>
          <NumberField
            label="After so many minutes"
            placeholder="5"
            max={10_080}
            value={draft.fallbackMinutes}
            onChange={(fallbackMinutes) => set({ fallbackMinutes })}
          />
          <Select
            label="What waits here is then"
            data={[
              { value: "keep", label: "sent when it is back" },
              { value: "cancel", label: "called off once told" },
            ]}
            value={draft.fallbackOriginals}
            allowDeselect={false}
            onChange={(chosen) => set({ fallbackOriginals: chosen === "cancel" ? "cancel" : "keep" })}
          />
        </>
      )}
    </div>
  );
}
